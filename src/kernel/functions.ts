import { Observable, Subscription, type Unsubscribable } from 'rxjs';
import { isSignal, isSignalOption, signalOf, withoutSignal, type SignalOptions } from '../env/signal.js';
import { checkTime } from '../env/time.js';
import { checkedNode, idTextOf, nodeOf, portIdOf, portNameOf } from '../wire/portid.js';
import { request } from '../wire/requests.js';
import { call, createCallMonitors } from './call.js';
import type { Handler } from './core/handler.js';
import { toReason, type AnyMessage, type Reason } from './core/message.js';
import { whenReleased, type PortRecord, type Slot } from './core/port-record.js';
import { NotLocal } from './errors.js';
import { closedGuard, endedBy, Guard } from './guard.js';
import type { Kernel } from './kernel.js';
import { createLeases } from './leases.js';
import { portOf, recordOf } from './local-port.js';
import { createMailbox } from './mailbox.js';
import { deathOf, linkTo, tellDeath, whenDead } from './monitor.js';
import { owned, OwnedObservable } from './owned.js';
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
  const lease = createLeases(kernel);

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

  const killBy = (record: PortRecord, signal: AbortSignal): void => {
    const end = (): void => { ports.kill(record, []); };
    if (signal.aborted) end();
    else if (record.reason === undefined) whenReleased(record, kernel.onAbort(signal, end));
  };

  const setHandlers = (record: PortRecord, what: unknown, signal: AbortSignal | undefined): void => {
    const handlers: readonly (readonly [Slot, Handler | undefined])[] =
      typeof what === 'function' ? [['default', what as Handler]] : Object.entries(what as Record<string, Handler | undefined>).map(([tag, handler]) => [slotOf(tag), handler]);
    if (signal !== undefined) lease(record, handlers, signal);
    else for (const [slot, handler] of handlers) ports.setHandler(record, slot, handler);
  };

  const rcv = (port: PortRef, ...[what, options]: readonly unknown[]): unknown => {
    const record = receiverRecord(port, 'rcv');
    if (isSignalOption(what)) return messages(kernel, record, 'default', what.signal);
    const signal = signalOf(options as SignalOptions | undefined);
    const sets = typeof what === 'function' || (typeof what === 'object' && what !== null);
    if (sets) {
      setHandlers(record, what, signal);
      return portOf(record);
    }
    return messages(kernel, record, what === undefined ? 'default' : slotOf(what), signal);
  };

  const mon = (port: PortRef, ...given: readonly unknown[]): Observable<Reason> | Guard => {
    const id = portIdOf(port);
    const [args, signal] = withoutSignal(given);
    if (args.length === 0) return deathOf(kernel, id, signal);
    const [target, ...message] = args;
    if (target === undefined) throw new TypeError(`mon(${id}, undefined): there is no port to link; node.self is only set in a port's code`);
    if (typeof target === 'function') return whenDead(kernel, id, target as (...reason: Reason) => void, signal);
    const targetId = portIdOf(target);
    return message.length === 0 ? linkTo(kernel, id, targetId, signal) : tellDeath(kernel, id, targetId, message, signal);
  };

  const cal = (port: PortRef, ...args: readonly unknown[]): Observable<AnyMessage> => {
    const last = args.at(-1);
    const options: Partial<CallOptions> | undefined = isCallOptions(last) ? last : undefined;
    const message = options === undefined ? args : args.slice(0, -1);
    const id = idTextOf(port);
    if (!calls.knows(id)) checkedNode(id);
    checkTime('timeout', options?.timeout);
    const ask = call(kernel, calls.monitor, id, message, options?.timeout);
    const failed = logged(env.log, `cal(${id})`);
    return options?.signal === undefined ? new OwnedObservable(ask, failed) : owned(new Observable(ask), failed, options.signal);
  };

  const after = (ms: number, what: unknown, ...given: readonly unknown[]): Guard => {
    checkTime('the time of after()', ms);
    const port = typeof what === 'function' ? undefined : portIdOf(what);
    const [message, signal] = withoutSignal(given);
    if (kernel.closed || signal?.aborted === true) return closedGuard();
    const act = port === undefined ? (what as () => unknown) : () => kernel.snd(port, message);
    const cancel = env.clock.after(ms, () => {
      ports.guarded(() => {
        guard.unsubscribe();
        return act();
      }, port === undefined ? 'a function given to after() threw; wrap it in psub to let a port die of it' : `a message to ${port} could not be sent`);
    });
    const stop = (): void => {
      timers.delete(stop);
      cancel();
    };
    timers.add(stop);
    const guard = new Guard(stop);
    return endedBy(guard, signal, kernel.onAbort);
  };

  const functions = {
    port(handler?: Handler, options: { readonly schemas?: object } & SignalOptions = {}) {
      const signal = signalOf(options);
      const record = kernel.createPort();
      if (handler !== undefined) ports.setHandler(record, 'default', handler);
      if (options.schemas !== undefined) checkMessages(record, options.schemas as never, env.log);
      if (signal !== undefined) killBy(record, signal);
      return portOf(record);
    },
    ref: (port: PortRef) => observerOf(kernel, portIdOf(port)),
    snd: (port: PortRef, ...message: readonly unknown[]) => kernel.snd(typeof port === 'string' ? port : idTextOf(port), message),
    rcv,
    kil(port: PortRef, ...reason: readonly unknown[]) {
      kernel.kil(portIdOf(port), toReason(reason));
    },
    mon,
    link(port: PortRef, options?: SignalOptions) {
      return linkTo(kernel, portIdOf(port), currentPort('link').id, signalOf(options));
    },
    monGuard(port: PortRef, ...given: readonly unknown[]) {
      const [guarded, signal] = withoutSignal(given);
      return whenDead(kernel, portIdOf(port), () => {
        const all = new Subscription();
        for (const one of guarded) all.add(one as Unsubscribable | (() => void));
        all.unsubscribe();
      }, signal);
    },
    spawn: (node: PortRef, init: string, ...data: readonly unknown[]) => kernel.spawn(portIdOf(node), init, data),
    register(name: string, code: Callback, options?: SignalOptions) {
      const signal = signalOf(options);
      if (kernel.closed || signal?.aborted === true) return closedGuard();
      return endedBy(new Guard(kernel.register(name, (record, data) => code(portOf(record), ...data))), signal, kernel.onAbort);
    },
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
    mailbox: (port: PortRef, options?: SignalOptions) => createMailbox(kernel, receiverRecord(port, 'mailbox'), signalOf(options)),
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

/** A message element is taken for options only if it can be nothing else: an object with no keys but `timeout` and `signal`. */
function isCallOptions(value: unknown): value is CallOptions {
  // the keys of octets are many: they are listed only where they may be the right ones
  if (typeof value !== 'object' || value === null || !(Object.hasOwn(value, 'timeout') || Object.hasOwn(value, 'signal'))) return false;
  return Object.entries(value).every(([key, given]) => given === undefined ? CALL_OPTIONS.has(key) : key === 'timeout' ? typeof given === 'number' : key === 'signal' && isSignal(given));
}

const CALL_OPTIONS: ReadonlySet<string> = new Set(['timeout', 'signal']);

