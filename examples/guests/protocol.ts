/** What guests ask the worker, and how what comes is looked at: guests may send whatever they like. */
import { isPortId, type PortId } from 'rxmp';

/** The family in which the worker's port is found. */
export const DESK = 'desk';
/** Who is here: a key for each user. */
export const PRESENCE = 'presence';
/** What is going on in a room, which only its guests may read. */
export const roomFamily = (room: string): string => `rooms:${room}`;

export type Request =
  /** How long is a text, and who has asked? */
  | ['count', text: string, reply: PortId<[length: number, user: string]>]
  /** Others may be told of this port. */
  | ['here', port: PortId<Greeting>]
  /** The port of another guest, or null: it has not said that it is here. */
  | ['meet', user: string, reply: PortId<[PortId<Greeting> | null]>];

/** What guests say to each other. */
export type Greeting = ['hello', text: string, reply: PortId<[answer: string]>];

/** A port that takes anything else would be killed by it, for all. */
export function isRequest(message: readonly unknown[]): message is Request {
  const [tag, first, second] = message;
  if (tag === 'here') return isPortId(first);
  return (tag === 'count' || tag === 'meet') && typeof first === 'string' && isPortId(second);
}
