import { Subscription } from 'rxjs';
import type { Env } from '../env/env.js';
import { deadline } from '../env/time.js';
import { portError, StreamRefused } from '../kernel/errors.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Network } from '../network/network.js';
import type { Find } from '../network/searches.js';
import type { Duplex } from '../transport/duplex.js';
import { printable, shown } from '../wire/printable.js';
import { isPortId, nodeOf, portNameOf } from '../wire/portid.js';
import type { Connections } from './connections.js';
import type { EndContext, StreamEnd } from './end.js';
import { talkToNobody } from './talk.js';

export interface DataConnContext {
  readonly env: Env;
  readonly kernel: Kernel;
  readonly network: Pick<Network, 'connectData'>;
  readonly connections: Pick<Connections, 'expect'>;
  readonly find: Find;
  /** How long a connection may take to be made, ms. */
  readonly monitorTimeout: number;
  createEnd(context: Omit<EndContext, 'env' | 'over'>, over: () => void): StreamEnd;
}

/** The module of AnyEvent::MP whose streams these are: also the kind of the reason with which it kills a port when there is none. */
const DATACONN = 'AnyEvent::MP::DataConn';
/** The function of a node that is told to expect a connection: an id, a port to kill when none comes, seconds, a function and its data. */
const EXPECT = `${DATACONN}::_expect`;

/** Streams with nodes of AnyEvent::MP (V16), in both roles; their ends are functions, and there is nothing but the connection. */
export function createDataConn({ env, kernel, network, connections, find, monitorTimeout, createEnd }: DataConnContext) {
  const { clock, log } = env;
  const running = new Subscription();

  /** Adds what ends with the node; the result ends it now. */
  const until = (stop: () => void): (() => void) => {
    const subscription = new Subscription(stop);
    running.add(subscription);
    return () => {
      running.remove(subscription);
      subscription.unsubscribe();
    };
  };

  /** A node expects a connection of another one, for a function of its own. */
  const expected = (...[id, port, seconds, name, ...data]: readonly unknown[]): void => {
    if (typeof id !== 'string' || !isPortId(port) || typeof name !== 'string' || !(Number(seconds) >= 0)) {
      log.warn({ id, port, seconds, name }, `${EXPECT} wants an id, a port id, seconds and the name of a function`);
      return;
    }
    const node = nodeOf(port);
    const stop = until(
      deadline(clock, Number(seconds) * 1000, () => {
        forget();
        stop();
        kernel.kil(port, [DATACONN, `${kernel.id}: no connection within ${Number(seconds)} seconds`]);
      }),
    );
    const forget = connections.expect(id, node, (duplex, early) => {
      forget();
      stop();
      const code = kernel.find(name);
      if (code === undefined) {
        log.warn({ node, name }, `${node} opens a stream to the function ${shown(name)}, which is not registered here`);
        duplex.close(new Error('nobody takes it'));
        return;
      }
      const end = createEnd({ other: node, values: false, isBare: () => true }, () => undefined);
      begin(end, duplex, early);
      kernel.queue.run(() => {
        kernel.ports.guarded(() => code(kernel.nodePort, [...data, end.stream]), `function "${name}" threw`);
      });
    });
  };

  const begin = (end: StreamEnd, duplex: Duplex, early: Uint8Array): void => {
    talkToNobody(duplex, end);
    end.attach(duplex, early, 'direct');
  };

  running.add(kernel.register(EXPECT, (_, args) => { expected(...args); }));

  return {
    /** Opens a stream to a function of a node: the other node is told first, then the connection is made. */
    open(port: string, id: string, args: readonly unknown[], end: StreamEnd): void {
      const [name, ...data] = args;
      if (portNameOf(port) !== '' || typeof name !== 'string') {
        end.lose(new StreamRefused(port, 'a node of AnyEvent::MP takes streams for its functions only: openStream(node id, function, ...data)'));
        return;
      }
      const node = nodeOf(port);
      // killed by the other node when it waits in vain
      const failing = kernel.createPort();
      kernel.ports.setHandler(failing, 'default', () => undefined);
      const unwatch = kernel.monitor(failing.id, { fire: (reason) => { fail(portError(port, reason)); } });
      const making = new Subscription();
      const stop = until(() => {
        making.unsubscribe();
        unwatch();
        kernel.kil(failing.id, []);
      });
      const fail = (error: Error): void => {
        stop();
        end.lose(error);
      };
      kernel.snd(node, [EXPECT, id, failing.id, monitorTimeout / 1000, name, ...data]);
      making.add(
        find(node, (addresses) => {
          making.add(
            network.connectData(node, addresses ?? [], id).subscribe({
              next({ duplex, early }) {
                stop();
                begin(end, duplex, early);
              },
              error: (error: unknown) => { fail(new StreamRefused(port, printable(`no connection: ${error instanceof Error ? error.message : String(error)}`))); },
            }),
          );
        }),
      );
    },
    close(): void {
      running.unsubscribe();
    },
  };
}

export type DataConn = ReturnType<typeof createDataConn>;
