import { Observable } from 'rxjs';
import { transportError, type AnyMessage } from './core/message.js';
import { CallTimeout, portError } from './errors.js';
import type { Kernel } from './kernel.js';
import { reportable } from './unhandled.js';

const CLOSED = 'the calling node was closed';

/**
 * Sends a message with a new reply port at its end, and gives the one answer. Errors with `PortDied` when the called port
 * dies, or is not there, or the reply port is killed, and with `CallTimeout` after `timeout` ms. The reply port goes when
 * the call is over.
 */
export function call(
  kernel: Kernel,
  monitor: (port: string, died: (error: Error) => void) => () => void,
  port: string,
  message: AnyMessage,
  timeout: number | undefined,
): Observable<AnyMessage> {
  return new Observable<AnyMessage>((subscriber) => {
    const { ports, env } = kernel;
    if (kernel.closed) {
      subscriber.error(portError(port, transportError(kernel.id, CLOSED)));
      return;
    }
    const reply = kernel.createPort();
    // who can't answer kills the reply port: then the call has failed, with that reason
    const unwatch = ports.monitor(reply.id, {
      fire(reason) {
        subscriber.error(reportable(portError(reply.id, reason), env.log));
      },
    });
    subscriber.add(() => {
      unwatch();
      // nobody hears of a reply port that goes, unless the called port watches it
      if (reply.monitors !== undefined && reply.monitors.size > 0) ports.kill(reply, []);
      else if (reply.reason === undefined) ports.release(reply, []);
    });
    ports.setHandler(reply, 'default', (...answer: readonly unknown[]) => {
      subscriber.next(answer);
      subscriber.complete();
    });
    subscriber.add(
      monitor(port, (error) => {
        subscriber.error(error);
      }),
    );
    if (timeout !== undefined) {
      subscriber.add(
        env.clock.after(timeout, () => {
          subscriber.error(reportable(new CallTimeout(port, timeout), env.log));
        }),
      );
    }
    kernel.snd(port, [...message, reply.id]);
  });
}

/** How long the monitor of a called port outlives the last call to it, ms. */
const LINGER = 1_000;

/**
 * Monitors for calls. Calls to one port share one, and it stays a while after the last: a monitor for each call would
 * make three messages of one.
 */
export function createCallMonitors(kernel: Kernel) {
  interface Watch {
    readonly calls: Set<(error: Error) => void>;
    readonly stop: () => void;
    cancel: (() => void) | undefined;
  }
  const watches = new Map<string, Watch>();

  const start = (port: string): Watch => {
    const calls = new Set<(error: Error) => void>();
    const stop = kernel.monitor(port, {
      fire(reason) {
        watch.cancel?.();
        watches.delete(port);
        for (const died of [...calls]) died(reportable(portError(port, reason), kernel.env.log));
      },
    });
    const watch: Watch = { calls, stop, cancel: undefined };
    watches.set(port, watch);
    return watch;
  };

  return {
    monitor(port: string, died: (error: Error) => void): () => void {
      const watch = watches.get(port) ?? start(port);
      watch.cancel?.();
      watch.cancel = undefined;
      watch.calls.add(died);
      return () => {
        if (!watch.calls.delete(died) || watch.calls.size > 0 || watches.get(port) !== watch) return;
        watch.cancel = kernel.env.clock.after(LINGER, () => {
          watches.delete(port);
          watch.stop();
        });
      };
    },
    /** Fails the calls that still wait: nobody can answer a node that is closed. */
    close(): void {
      const open = [...watches];
      watches.clear();
      for (const [port, { cancel, calls }] of open) {
        cancel?.();
        for (const died of [...calls]) died(portError(port, transportError(kernel.id, CLOSED)));
      }
    },
  };
}
