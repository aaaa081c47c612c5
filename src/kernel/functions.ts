import { Subscription, type Observable, type Unsubscribable } from 'rxjs';
import { checkTime } from '../env/time.js';
import { checkedNode, idTextOf, nodeOf, portIdOf, portNameOf } from '../wire/portid.js';
import { request } from '../wire/requests.js';
import { call, createCallMonitors } from './call.js';
import type { Handler } from './core/handler.js';
import { toReason, type AnyMessage, type Reason } from './core/message.js';
import type { PortRecord, Slot } from './core/port-record.js';
import { NotLocal } from './errors.js';
import { closedGuard, Guard } from './guard.js';
import type { Kernel } from './kernel.js';
import { portOf, recordOf } from './local-port.js';
import { createMailbox } from './mailbox.js';
import { deathOf, linkTo, tellDeath, whenDead } from './monitor.js';
import { OwnedObservable } from './owned.js';
import { observerOf } from './port.js';
import type { PortFunctions } from './port-functions.js';
import { messages } from './receive.js';
import { checkMessages } from './schema.js';
import type { CallOptions, PortRef } from './types.js';
import { logged } from './unhandled.js';

type Callback = (...args: readonly unknown[]) => unknown;

/** The functions of a node that work with ports, bound to it. */
export function createPortFunctions(kernel: Kernel): PortFunctions & { close(): void } {
  const { ports, env } = kernel;
  const calls = createCallMonitors(kernel);
  const timers = new Set<() => void>();

  /** Like {@link localRecord}, but for the node port, which must go on answering requests. */
  const receiverRecord = (port: PortRef, what: string): PortRecord => {
    const record = localRecord(port, what);
    if (record !== kernel.nodePort) return record;
    throw new TypeError(`${what} does not work on ${record.id}: it is the node port, which answers requests`);
  };

  /** The record of a port of this node, living or dead. Throws {@link NotLocal} for others. */
  const localRecord = (port: PortRef, what: string): PortRecord => {
    const record = recordOf(ports, port);
    if (record !== undefined) return record;
    const id = portIdOf(port);
    if (nodeOf(id) !== kernel.id) {
      throw new NotLocal(`${what} works on ports of this node, ${kernel.id}, only: ${id} is a port of ${nodeOf(id)}`);
    }
    return portNameOf(id) === '' ? kernel.nodePort : (ports.records.get(id) ?? ports.dead(id, kernel.closed ? [] : undefined));
  };

  const currentPort = (what: string): PortRecord => {
    if (ports.current !== undefined) return ports.current;
    throw new TypeError(`${what} can only be called by code of a port: a handler, psub or peval`);
  };

  const slotOf = (tag: unknown): Slot => ({ tag });

  const setHandlers = (record: PortRecord, what: unknown): void => {
    if (typeof what === 'function') {
      ports.setHandler(record, 'default', what as Handler);
      return;
    }
    for (const [tag, handler] of Object.entries(what as Record<string, Handler | undefined>)) {
      ports.setHandler(record, slotOf(tag), handler);
    }
  };

  const rcv = (port: PortRef, ...[what]: readonly unknown[]): unknown => {
    const record = receiverRecord(port, 'rcv');
    const sets = typeof what === 'function' || (typeof what === 'object' && what !== null);
    if (sets) {
      setHandlers(record, what);
      return portOf(record);
    }
    return messages(kernel, record, what === undefined ? 'default' : slotOf(what));
  };

  const mon = (port: PortRef, ...args: readonly unknown[]): Observable<Reason> | Guard => {
    const id = portIdOf(port);
    if (args.length === 0) return deathOf(kernel, id);
    const [target, ...message] = args;
    if (target === undefined) throw new TypeError(`mon(${id}, undefined): there is no port to link; node.self is only set in a port's code`);
    if (typeof target === 'function') return whenDead(kernel, id, target as (...reason: Reason) => void);
    const targetId = portIdOf(target);
    return message.length === 0 ? linkTo(kernel, id, targetId) : tellDeath(kernel, id, targetId, message);
  };

  const cal = (port: PortRef, ...args: readonly unknown[]): Observable<AnyMessage> => {
    const options = args.at(-1);
    const message = isCallOptions(options) ? args.slice(0, -1) : args;
    const id = idTextOf(port);
    if (!calls.knows(id)) checkedNode(id);
    const timeout = isCallOptions(options) ? options.timeout : undefined;
    checkTime('timeout', timeout);
    return new OwnedObservable(call(kernel, calls.monitor, id, message, timeout), logged(env.log, `cal(${id})`));
  };

  const after = (ms: number, what: unknown, ...message: readonly unknown[]): Guard => {
    checkTime('the time of after()', ms);
    const port = typeof what === 'function' ? undefined : portIdOf(what);
    if (kernel.closed) return closedGuard();
    const cancel = env.clock.after(ms, () => {
      timers.delete(stop);
      if (port === undefined) ports.guarded(what as () => unknown, 'a function given to after() threw; wrap it in psub to let a port die of it');
      else ports.guarded(() => kernel.snd(port, message), `a message to ${port} could not be sent`);
    });
    const stop = (): void => {
      timers.delete(stop);
      cancel();
    };
    timers.add(stop);
    return new Guard(stop);
  };

  const functions = {
    port(handler?: Handler, options: { readonly schemas?: object } = {}) {
      const record = kernel.createPort();
      if (handler !== undefined) ports.setHandler(record, 'default', handler);
      if (options.schemas !== undefined) checkMessages(record, options.schemas as never, env.log);
      return portOf(record);
    },
    ref: (port: PortRef) => observerOf(kernel, portIdOf(port)),
    snd: (port: PortRef, ...message: readonly unknown[]) => kernel.snd(typeof port === 'string' ? port : idTextOf(port), message),
    rcv,
    kil(port: PortRef, ...reason: readonly unknown[]) {
      kernel.kil(portIdOf(port), toReason(reason));
    },
    mon,
    link(port: PortRef) {
      return linkTo(kernel, portIdOf(port), currentPort('link').id);
    },
    monGuard(port: PortRef, ...guarded: readonly (Unsubscribable | (() => void))[]) {
      return whenDead(kernel, portIdOf(port), () => {
        const all = new Subscription();
        for (const one of guarded) all.add(one);
        all.unsubscribe();
      });
    },
    spawn: (node: PortRef, init: string, ...data: readonly unknown[]) => kernel.spawn(portIdOf(node), init, data),
    register: (name: string, code: Callback) =>
      kernel.closed ? closedGuard() : new Guard(kernel.register(name, (record, data) => code(portOf(record), ...data))),
    cal,
    after,
    psub(code: Callback) {
      const record = currentPort('psub');
      return (...args: readonly unknown[]) => (kernel.closed ? undefined : ports.enter(record, () => code(...args)));
    },
    peval(port: PortRef, code: Callback, ...args: readonly unknown[]) {
      const record = localRecord(port, 'peval');
      return record.reason === undefined ? ports.enter(record, () => code(...args)) : undefined;
    },
    mailbox: (port: PortRef) => createMailbox(kernel, receiverRecord(port, 'mailbox')),
    sndOn: (node: PortRef, port: PortRef, ...message: readonly unknown[]) =>
      kernel.snd(nodeOf(portIdOf(node)), request.snd(portIdOf(port), message)),
    sndToFunc: (node: PortRef, name: string, ...args: readonly unknown[]) =>
      kernel.snd(nodeOf(portIdOf(node)), [qualified(name), ...args]),
    nodeOf: (port: PortRef) => nodeOf(portIdOf(port)),
    isLocal: (port: PortRef) => nodeOf(portIdOf(port)) === kernel.id,
    close: () => {
      calls.close();
      for (const stop of [...timers]) stop();
    },
  };
  // one implementation serves all overloads of an interface that is written for its users
  return functions as unknown as PortFunctions & { close(): void };
}

/** Only names with `::` are functions on the wire; `main::` is where AnyEvent::MP has those without. */
function qualified(name: string): string {
  return name.includes('::') ? name : `main::${name}`;
}

/** A message element is taken for options only if it can be nothing else: an object with the one key `timeout`. */
function isCallOptions(value: unknown): value is CallOptions {
  // the keys of octets are many: they are listed only where they may be the right one
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'timeout') || Object.keys(value).length !== 1) return false;
  const { timeout } = value as { timeout: unknown };
  return timeout === undefined || typeof timeout === 'number';
}

