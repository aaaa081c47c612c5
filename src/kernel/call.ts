import type { Subscriber } from 'rxjs';
import type { Cancel } from '../env/clock.js';
import type { AnyMessage } from './core/message.js';
import { addMonitor, isMonitored, removeMonitor } from './core/monitors.js';
import type { Monitor } from './core/port-record.js';
import { CallTimeout, NodeClosed, portError } from './errors.js';
import type { Kernel } from './kernel.js';
import { reportable } from './unhandled.js';

/** Who waits for an answer. */
type Caller = Subscriber<AnyMessage>;

/** Watches called ports; the result ends that for the caller. */
export type WatchCalled = (port: string, caller: Caller) => () => void;

/**
 * Sends a message with a new reply port at its end, and gives the one answer. Errors with `PortDied` when the called port
 * dies, or is not there, or the reply port is killed, with `CallTimeout` after `timeout` ms, and with `NodeClosed`. The reply port goes when
 * the call is over.
 */
export function call(
  kernel: Kernel,
  watch: WatchCalled,
  port: string,
  message: AnyMessage,
  timeout: number | undefined,
): (caller: Caller) => void {
  return (caller) => {
    const { ports, env } = kernel;
    if (kernel.closed) {
      caller.error(reportable(new NodeClosed(kernel.id), env.log));
      return;
    }
    const reply = kernel.createReply();
    ports.setHandler(reply, 'default', (...answer: readonly unknown[]) => {
      caller.next(answer);
      caller.complete();
    });
    // who can't answer kills the reply port: then the call has failed, with that reason
    const killed: Monitor = {
      fire(reason) {
        caller.error(reportable(portError(reply.id, reason), env.log));
      },
    };
    addMonitor(reply, killed);
    const unwatch = watch(port, caller);
    const cancel: Cancel | undefined = timeout === undefined ? undefined : kernel.deadline(timeout, () => {
      caller.error(reportable(new CallTimeout(port, timeout), env.log));
    });
    caller.add(() => {
      unwatch();
      cancel?.();
      removeMonitor(reply, killed);
      // nobody hears of a reply port that goes, unless the called port watches it
      if (isMonitored(reply)) ports.kill(reply, []);
      else if (reply.reason === undefined) ports.release(reply, []);
    });
    kernel.snd(port, [...message, reply.id]);
  };
}

/** How long the monitor of a called port outlives the last call to it, ms. */
const LINGER = 1_000;

/**
 * Monitors for calls. Calls to one port share one, and it stays a while after the last: a monitor for each call would
 * make three messages of one.
 */
export function createCallMonitors(kernel: Kernel) {
  interface Watch {
    readonly callers: Set<Caller>;
    readonly stop: () => void;
    cancel: Cancel | undefined;
  }
  const watches = new Map<string, Watch>();

  const start = (port: string): Watch => {
    const callers = new Set<Caller>();
    const stop = kernel.monitor(port, {
      fire(reason) {
        watch.cancel?.();
        watches.delete(port);
        for (const caller of [...callers]) caller.error(reportable(portError(port, reason), kernel.env.log));
      },
    });
    const watch: Watch = { callers, stop, cancel: undefined };
    watches.set(port, watch);
    return watch;
  };

  return {
    /** Whether calls to it are watched already: then its id has been checked. */
    knows: (port: string): boolean => watches.has(port),
    monitor(port: string, caller: Caller): () => void {
      const watch = watches.get(port) ?? start(port);
      watch.cancel?.();
      watch.cancel = undefined;
      watch.callers.add(caller);
      return () => {
        if (!watch.callers.delete(caller) || watch.callers.size > 0 || watches.get(port) !== watch) return;
        watch.cancel = kernel.env.clock.after(LINGER, () => {
          watches.delete(port);
          watch.stop();
        });
      };
    },
    /** Fails the calls that still wait: nobody can answer a node that is closed. */
    close(): void {
      const open = [...watches.values()];
      watches.clear();
      for (const { cancel, callers } of open) {
        cancel?.();
        for (const caller of [...callers]) caller.error(reportable(new NodeClosed(kernel.id), kernel.env.log));
      }
    },
  };
}
