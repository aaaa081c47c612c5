/** What is in which family, and what the ports in it take: all functions of `rxmp/angular` know it. */
import type { BoardMessage, Card, Person, RoomMessage, WorkerState, WorkMessage } from '../../shared/protocol';

declare module 'rxmp/angular' {
  interface Families {
    cards: Card;
    people: Person;
    typing: Person;
    workers: WorkerState;
    lights: number;
  }
  interface Services {
    boards: BoardMessage;
    rooms: RoomMessage;
    workers: WorkMessage;
  }
}
