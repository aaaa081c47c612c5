import type { AnyMessage } from './message.js';

/** A handler gets the elements of a message, without the tag if it was registered for one. */
export type Handler = (...args: never[]) => unknown;
type Callable = (...args: readonly unknown[]) => unknown;

/** Calls with the elements of the message. */
export function callWhole(handler: Handler, message: AnyMessage): unknown {
  return (handler as Callable)(...message);
}

/** Calls with the message less its tag; the short forms spare an array. */
export function callTagged(handler: Handler, message: AnyMessage): unknown {
  const call = handler as Callable;
  switch (message.length) {
    case 1:
      return call();
    case 2:
      return call(message[1]);
    case 3:
      return call(message[1], message[2]);
    default:
      return call(...message.slice(1));
  }
}

/** Whether this is a promise, of whatever make. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
