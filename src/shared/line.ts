import { Subject, type Observable } from 'rxjs';
import { createMux, type Mux, type Request } from '../channel/core/mux.js';
import { elementsOf, packetOf } from '../channel/core/packet.js';
import type { Env } from '../env/env.js';
import { RxmpError } from '../wire/errors.js';

/** What a tab and the node that all share say to each other, beside packets of channels. */
export type Word =
  /** Of the tab: it is looked at again: the connection may be lost. */
  | readonly ['awake']
  /** Its credentials, for which number so and so has asked, or why there are none. */
  | readonly ['credentials', number, string]
  | readonly ['no credentials', number, string]
  /** It goes. */
  | readonly ['bye']
  /** Of the other end: it listens. */
  | readonly ['welcome']
  /** It needs credentials. */
  | readonly ['ask', number]
  /** There is a connection. */
  | readonly ['reachable'];

/** What the connection of all tabs is made with: those options of a node that can be told. */
export interface HubOptions {
  readonly seeds: readonly string[];
  readonly secret?: string | undefined;
  readonly isGuest: boolean;
  readonly monitorTimeout?: number | undefined;
  readonly framings?: readonly string[] | undefined;
}

/** What carries messages between a tab and the shared node, in order, both ways. */
export interface Bus {
  post(message: readonly unknown[]): void;
  readonly message$: Observable<unknown>;
}

const PACKET = 'packet';

export type Line = ReturnType<typeof createLine>;

/** One end of the line between a tab and the shared node: words, and channels that are connections (V1 to V4). */
export function createLine(bus: Bus, { clock, limits }: Pick<Env, 'clock' | 'limits'>, requested: (request: Request) => void) {
  const word$ = new Subject<Word>();
  let isOver = false;
  const mux: Mux = createMux({
    limits,
    soon: (task) => { clock.soon(task); },
    flush: () => undefined,
    requested,
    send(packet) {
      bus.post([PACKET, ...elementsOf(packet)]);
      return true;
    },
  });

  const take = (message: unknown): void => {
    if (!Array.isArray(message)) return;
    if (message[0] !== PACKET) word$.next(message as unknown as Word);
    else {
      try {
        mux.receive(packetOf(message.slice(1), limits));
      } catch (error) {
        if (!(error instanceof RxmpError)) throw error;
        end(error.message);
      }
    }
  };

  const end = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    listening.unsubscribe();
    mux.end(reason);
    word$.complete();
  };

  const listening = bus.message$.subscribe(take);

  return {
    /** Completes when the line has ended. */
    word$: word$.asObservable(),
    say: (...word: Word): void => { if (!isOver) bus.post(word); },
    open: mux.open,
    end,
  };
}
