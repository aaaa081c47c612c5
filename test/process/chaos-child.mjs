/**
 * A process with a node that floods all inboxes it knows with numbered messages, and checks what arrives in its own. It
 * does what its parent tells it to over the channel between them.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createNode, parseAddress, tcpTransport, webSocketTransport } from 'rxmp';
import { createWatch } from './database-watch.mjs';

/** The family in which inboxes are registered, with the ids of their nodes as values. */
const INBOXES = 'inboxes';
/** Ms between two messages of a stream. */
const BEAT = 5;
/** A monitor that fires sooner than this after it was set is not set again at once, ms. */
const SHORT = 50;
/** Monitors of each port. */
const MONITORS = 2;

const violations = [];
const logged = [];
const downs = [];
const streams = new Map();
const inbox = new Map();
const watches = new Map();
const lag = monitorEventLoopDelay({ resolution: 10 });
lag.enable();
let node;
let poured = 0;
let isQuiet = false;
/** Tells this run of the node from others. */
let run;

const wrong = (text) => void violations.push(text);
const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: nothing, error: (_details, text) => void logged.push(text) };

/**
 * S1 and S2 at the receiver. A sender counts its messages from 0, and begins a new age whenever its monitors of this port
 * have fired; so within an age nothing is missing, twice, or out of order, and no older age comes after a newer one.
 */
function receive(sender, senderRun, age, n) {
  const last = inbox.get(sender) ?? { runs: new Set(), count: 0 };
  const isSameRun = last.run === senderRun;
  const expected = isSameRun && last.age === age ? last.n + 1 : 0;
  if (n !== expected) wrong(`S2: message ${n} of age ${age} from ${sender} came where ${expected} was due`);
  if (isSameRun && age < last.age) wrong(`S2: age ${age} of ${sender} came after age ${last.age}`);
  if (!isSameRun && last.runs.has(senderRun)) wrong(`S18: an earlier run of ${sender} came back`);
  inbox.set(sender, { run: senderRun, age, n, runs: last.runs.add(senderRun), count: last.count + 1 });
}

/** Sends to a port for ever: monitored by several, and anew as soon as all of them have fired. */
function startStream(port, peer) {
  const stream = { port, peer, age: -1, n: 0, losses: 0, alive: true, active: false };
  streams.set(port, stream);

  const send = () => {
    if (stream.active) node.snd(port, node.id, run, stream.age, stream.n++);
  };
  const begin = () => {
    stream.age++;
    stream.n = 0;
    stream.active = true;
    const since = node.clock.now();
    let left = MONITORS;
    for (let i = 0; i < MONITORS; i++) {
      let fired = false;
      node.mon(port, (kind) => {
        if (fired) wrong(`S11: a monitor of ${port} fired twice`);
        fired = true;
        if (--left > 0) return;
        stream.active = false;
        stream.losses++;
        if (kind !== 'transport_error') stream.alive = false;
        else if (node.clock.now() - since < SHORT) node.after(SHORT, begin);
        else begin();
      });
    }
    send();
  };
  const beat = () => {
    if (!isQuiet) send();
    if (stream.alive) node.after(BEAT, beat);
  };
  begin();
  beat();
}

/** A transport that goes by the routes of this process, address by address. */
const routed = (transport, routes) => ({
  ...transport,
  connect: ({ text }) => transport.connect(parseAddress(routes[text] ?? text)),
});

const commands = {
  async start({ families, routes, ...options }) {
    const transports = [routed(tcpTransport(), routes), routed(webSocketTransport(), routes)];
    node = await createNode({ ...options, transports, log });
    run = `${process.pid}.${node.clock.now()}`;
    const port = node.port(receive);
    node.register('take', (self) => node.rcv(self, (text) => void (poured += text.length)));
    node.monNodes().subscribe(({ node: peer, up }) => {
      if (!up) downs.push([peer, node.clock.now()]);
    });
    node.dbReg(INBOXES, port, node.id);
    node.dbMon(INBOXES).subscribe(({ family, add }) => {
      for (const id of add) if (id !== port.id && !streams.has(id)) startStream(id, family.get(id));
    });
    for (const family of families) {
      const watch = createWatch(family, { own: new Map(), steady: new Set(), complain: wrong });
      watches.set(family, watch);
      node.dbMon(family).subscribe((change) => watch.next(change));
    }
    return { id: node.id, addresses: node.addresses };
  },
  apply(changes) {
    for (const [kind, family, key, value] of changes) {
      if (kind === 'set') node.dbSet(family, key, value);
      else node.dbDel(family, key);
    }
  },
  state: () => ({
    run,
    up: node.upNodes(),
    stores: Object.fromEntries([...watches].map(([family, watch]) => [family, watch.text() ?? null])),
    streams: [...streams.values()],
    inbox: Object.fromEntries([...inbox].map(([sender, { run, age, n, count }]) => [sender, { run, age, n, count }])),
    poured,
    downs,
    violations,
    logged,
  }),
  /** The longest that the event loop was late, ms, since the last time it was asked. */
  lag() {
    const ms = lag.max / 1e6;
    lag.reset();
    return ms;
  },
  /** From now on only what follows a monitor is sent. */
  quiet() {
    isQuiet = true;
  },
  /** Sends one message of about so many octets to a new port of another node. */
  pour: (peer, size) => void node.snd(node.spawn(peer, 'take'), 'x'.repeat(size)),
};

process.on('message', ({ number, command, args }) => {
  void (async () => commands[command](...args))().then(
    (result) => process.send({ number, result }),
    (error) => process.send({ number, error: String(error?.stack ?? error) }),
  );
});
process.on('disconnect', () => process.exit());
