import type { Handler } from './handler.js';
import type { PortObserver, PortRecord, Receiver, Receivers, Slot } from './port-record.js';

const NOBODY: readonly PortObserver[] = [];

/** The receiver of a tag, if the port has one for it. On the path of each message. */
export function taggedReceiver(port: PortRecord, tag: unknown): Receiver | undefined {
  if (port.tags !== undefined) return port.tags.get(tag);
  return tag === port.tag ? port.tagged : undefined;
}

/** Sets the handler in place of an earlier one; `undefined` removes it. */
export function setHandler(port: PortRecord, slot: Slot, handler: Handler | undefined): void {
  if (port.reason !== undefined) return;
  const receiver = receiverAt(port, slot);
  if (typeof receiver === 'object') receiver.handler = handler;
  else put(port, slot, handler);
}

/** The handler that a port has for a tag, or for all others. */
export const handlerAt = (port: PortRecord, slot: Slot): Handler | undefined => handlerOf(receiverAt(port, slot));

/** Adds an observer to a port that lives; the result removes it. */
export function observe(port: PortRecord, slot: Slot, observer: PortObserver): () => void {
  const receivers = receiversAt(port, slot);
  receivers.observers.add(observer);
  receivers.met = undefined;
  return () => {
    if (!receivers.observers.delete(observer)) return;
    receivers.met = undefined;
    // a slot that nobody uses is empty: it must not swallow messages (S3)
    if (receivers.observers.size === 0 && receiverAt(port, slot) === receivers) put(port, slot, receivers.handler);
  };
}

/** The receiver as one that can have observers. */
function receiversAt(port: PortRecord, slot: Slot): Receivers {
  const receiver = receiverAt(port, slot);
  if (typeof receiver === 'object') return receiver;
  const receivers: Receivers = { handler: receiver, observers: new Set(), met: undefined };
  put(port, slot, receivers);
  return receivers;
}

/** All who observe the port, in whatever slot. */
export function allObservers(port: PortRecord): readonly PortObserver[] {
  const untagged = observersOf(port.fallback);
  if (port.tagged === undefined && port.tags === undefined) return untagged;
  return [...untagged, ...[port.tagged, ...(port.tags?.values() ?? [])].flatMap(observersOf)];
}

export function handlerOf(receiver: Receiver | undefined): Handler | undefined {
  return typeof receiver === 'object' ? receiver.handler : receiver;
}

export function observersOf(receiver: Receiver | undefined): readonly PortObserver[] {
  return typeof receiver === 'object' ? (receiver.met ??= [...receiver.observers]) : NOBODY;
}

function receiverAt(port: PortRecord, slot: Slot): Receiver | undefined {
  return slot === 'default' ? port.fallback : taggedReceiver(port, slot.tag);
}

function put(port: PortRecord, slot: Slot, receiver: Receiver | undefined): void {
  if (slot === 'default') port.fallback = receiver;
  else putTagged(port, slot.tag, receiver);
}

function putTagged(port: PortRecord, tag: unknown, receiver: Receiver | undefined): void {
  if (port.tags === undefined) {
    // a tag that is no string needs the Map, which finds NaN too
    if (typeof tag === 'string' && (port.tagged === undefined || port.tag === tag)) {
      port.tag = tag;
      port.tagged = receiver;
      return;
    }
    port.tags = new Map(port.tagged === undefined ? [] : [[port.tag, port.tagged]]);
    port.tag = undefined;
    port.tagged = undefined;
  }
  if (receiver === undefined) port.tags.delete(tag);
  else port.tags.set(tag, receiver);
}
