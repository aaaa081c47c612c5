/** A process with a node of a database, which does what its parent tells it to over the channel between them. */
import { firstValueFrom, map, toArray } from 'rxjs';
import { createNode } from 'rxmp';
import { createWatch, familyText } from './database-watch.mjs';

/** So many changes a turn, when they come one turn after another. */
const PER_TURN = 5;

const logged = [];
const violations = [];
const watches = new Map();
const own = new Map();
const steady = new Map();
const deleted = new Set();
const guards = new Map();
const fired = [];
const received = [];
const silences = [];
let node;

const note = (details, text) => void logged.push(text);
const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: note, error: (details, text) => void logged.push(`error: ${text}`) };

const entryOf = (map, family, make) => {
  if (!map.has(family)) map.set(family, make());
  return map.get(family);
};

const ownOf = (family) => entryOf(own, family, () => new Map());

const checksOf = (family) => ({
  own: ownOf(family),
  steady: entryOf(steady, family, () => new Set()),
  complain: (text) => void violations.push(text),
});

const perform = ([kind, family, key, value]) => {
  const name = JSON.stringify([family, key]);
  if (kind === 'set') {
    guards.set(name, node.dbSet(family, key, value));
    // after a key was deleted once, news of that may still be on its way
    if (!deleted.has(name)) ownOf(family).set(key, JSON.stringify(value));
    return;
  }
  ownOf(family).delete(key);
  deleted.add(name);
  if (kind === 'guard') guards.get(name)?.unsubscribe();
  else node.dbDel(family, key);
};

const commands = {
  async start(options) {
    node = await createNode({ ...options, log });
    node.register('echo', (self) => node.rcv(self, { echo: (...words) => node.snd(words.pop(), ...words) }));
    node.monNodes().subscribe(({ node: peer, up, reason }) => {
      if (!up && String(reason[2]).startsWith('no sign of life')) silences.push(peer);
    });
    return { id: node.id, addresses: node.addresses };
  },
  watch(family) {
    const watch = createWatch(family, checksOf(family));
    entryOf(watches, family, () => []).push(watch);
    node.dbMon(family).subscribe((change) => watch.next(change));
  },
  /** Changes of the own part, in one turn or in many. */
  async apply(changes, inOneTurn) {
    for (const [i, change] of changes.entries()) {
      perform(change);
      if (!inOneTurn && i % PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  },
  /** From now on these keys, by family, must not vanish. */
  steady(keys) {
    for (const set of steady.values()) set.clear();
    for (const [family, list] of Object.entries(keys)) for (const key of list) entryOf(steady, family, () => new Set()).add(key);
  },
  state() {
    const stores = {};
    for (const [family, [first, ...others]] of watches) {
      stores[family] = first.text() ?? null;
      if (others.some((other) => other.text() !== first.text())) violations.push(`two monitors of ${family} differ`);
    }
    return { up: node.upNodes(), stores, violations, silences, logged };
  },
  /** A family as a new monitor and the queries show it. */
  async look(family) {
    const [monitored, entries, keys, values] = await Promise.all([
      firstValueFrom(node.dbMon(family).pipe(map((change) => familyText(change.family)))),
      firstValueFrom(node.dbFamily(family)),
      firstValueFrom(node.dbKeys(family)),
      firstValueFrom(node.dbValues(family)),
    ]);
    return { monitored, queried: familyText(entries), keys, values };
  },
  /** What the checks say of changes that somebody has made up. */
  check(changes, ownKeys, steadyKeys) {
    const found = [];
    const watch = createWatch('made:up', {
      own: new Map(ownKeys),
      steady: new Set(steadyKeys),
      complain: (text) => void found.push(text),
    });
    for (const change of changes) watch.next({ ...change, family: new Map(change.family) });
    return found;
  },
  up: () => node.upNodes(),
  inbox: () => node.port((...message) => void received.push(message)).id,
  received: () => received,
  send: (port, ...message) => void node.snd(port, ...message),
  spawn: (peer, init) => node.spawn(peer, init),
  call: (port, ...message) => firstValueFrom(node.cal(port, ...message)),
  kill: (port) => void node.kil(port),
  monitor(port) {
    node.mon(port).pipe(toArray()).subscribe((reasons) => void fired.push([port, reasons]));
  },
  fired: () => fired,
};

process.on('message', ({ number, command, args }) => {
  void (async () => commands[command](...args))().then(
    (result) => process.send({ number, result }),
    (error) => process.send({ number, error: String(error?.stack ?? error) }),
  );
});
process.on('disconnect', () => process.exit());
