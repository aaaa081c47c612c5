import { createNode, type Limits, type MpNode, type Port } from '../../src/index.js';
import { captureLog, type CapturedLog } from './log.js';
import type { Conversation, Message } from './recorded.js';

/** An rxmp node in the role of the recorded node `G`. */
export interface NodeG extends AsyncDisposable {
  readonly node: MpNode;
  readonly address: string;
  readonly log: CapturedLog;
  /** What its program noted, in the form of the recording. */
  readonly events: readonly Message[];
}

export interface NodeGOptions {
  readonly secret: string;
  readonly framings?: readonly string[];
  readonly acceptCleartext?: boolean;
  readonly binds?: readonly string[];
  readonly monitorTimeout?: number;
  readonly limits?: Partial<Limits>;
  /** Whether it is a global node from the start, as most recorded ones are. Default: not before it is asked. */
  readonly global?: boolean;
  /** The name that the program's port without receivers has. */
  readonly defaultPort?: string;
}

/** Where the recorded `G` listened. */
export const RECORDED_ADDRESS = '127.0.0.1:4040';

/** The options that make the node greet, and its program work, as in a recording. */
export function optionsOf({ file, secret, server, events }: Conversation): NodeGOptions {
  const offered = server[0]?.split(';')[4]?.split(',') ?? [];
  const port = events.find(([what]) => what === 'defaultport')?.[1];
  return {
    secret,
    framings: offered.filter((name) => name !== 'storable'),
    acceptCleartext: true,
    global: !file.includes('not_global'),
    ...(typeof port === 'string' && { defaultPort: port.replace('G#', '') }),
  };
}

export async function startG({ defaultPort, ...options }: NodeGOptions): Promise<NodeG> {
  const log = captureLog();
  const node = await createNode({ nodeid: 'G', binds: ['127.0.0.1:0'], log, ...options, limits: { refusalLog: 1, ...options.limits } });
  const events: Message[] = [];
  runPrograms(node, events, defaultPort ?? 'defaultport');
  return { node, log, events, address: node.addresses[0] ?? '', [Symbol.asyncDispose]: () => node.close() };
}

/** What the recorded programs did, as far as their messages show it. */
function runPrograms(node: MpNode, events: Message[], defaultPort: string): void {
  const { rcv, snd, kil, mon } = node;
  let made = 0;
  // a port with a name is made as a peer makes one: by the request to spawn it
  const named = (name: string, setUp?: (self: Port) => unknown): void => {
    const init = `interop::${++made}`;
    node.register(init, setUp ?? (() => undefined));
    snd(node.id, 'AnyEvent::MP::_spawn', name, init);
  };

  named('echo', (self) => rcv(self, (reply: string, ...data: unknown[]) => snd(reply, ...(data as [unknown]))));
  named('count', (self) => rcv(self, (...message: unknown[]) => events.push(['count', ...message])));
  named('svc', (self) =>
    rcv(self, { add: (a: number, b: number, reply: string) => snd(reply, a + b), silent: () => undefined }),
  );
  named(defaultPort);
  for (const name of ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7']) named(name, (self) => rcv(self, () => undefined));
  named('pdie', (self) =>
    rcv(self, () => {
      throw new Error('oops');
    }),
  );
  named('pdie2', (self) =>
    rcv(self, () => {
      const thrown: unknown = { code: 5 };
      throw thrown;
    }),
  );
  named('ctl', (self) =>
    rcv(self, {
      kil: (port: string, ...reason: [string, ...unknown[]]) => { kil(port, ...reason); },
      defport: (reply: string) => snd(reply, 'defport', `G#${defaultPort}`),
      monme: (port: string) => mon(port, (...reason) => events.push(['mon_cb', port, ...reason])),
      monlink: (port: string, target: string) => mon(port, target),
      monmsg: (port: string, target: string, ...message: [unknown, ...unknown[]]) => mon(port, target, ...message),
    }),
  );

  const init = (self: Port, reply: string, ...data: unknown[]): void => {
    // called by name without a port of its own, it only notes that
    if (self.id === node.id) {
      events.push(['init', null, ...data]);
      return;
    }
    events.push(['init', self.id, ...data]);
    snd(reply, 'inited', self.id, ...data);
    void rcv(self, (...message: unknown[]) => {
      events.push(['spawned_got', ...message]);
      snd(reply, 'got', self.id, ...message);
    });
  };
  node.register('main::init', init);
  node.register('::init_die', () => {
    throw new Error('init failed');
  });
  node.register('::init_norcv', (self: Port) => events.push(['norcv', self.id]));
}
