import type { DeviationId } from './deviations.js';
import type { Message } from './recorded.js';
import type { Exchange } from './replay.js';

export interface Compared {
  readonly exchange: Exchange;
  /** What rxmp has to say where Perl said what is recorded, and what it has said; in an order that means nothing. */
  readonly expected: readonly Message[];
  readonly actual: readonly Message[];
}

type Entries = Readonly<Record<string, unknown>>;
/** Keys with their values as JSON, by family; what was told as changes to a monitor stands apart. */
type Families = Map<string, Map<string, string>>;

/** What a peer was told, and what it has told. */
interface Known {
  readonly told: Families;
  readonly heard: Families;
}

interface Context extends Known {
  readonly exchange: Exchange;
  /** The played node and the peer are global nodes. */
  readonly amongGlobals: boolean;
  /** What those held that leave now. */
  readonly gone: readonly Families[];
  readonly index: number;
}

/** What rxmp says instead of one message; undefined when the rule is about others. */
type Rule = (message: Message, context: Context) => readonly Message[] | undefined;

const isGlobal = (node: string): boolean => node.startsWith('G');
const isEmptySlave = (message: Message): boolean => message[1] === 'g_slave' && message.length === 2;

/** Each deviation says of which messages, and what becomes of them; the first one that applies counts. */
const rules: readonly (readonly [DeviationId, Rule])[] = [
  [
    'asks-once',
    (message, { exchange: { peer, recorded }, index }) => {
      const isSecond = (): boolean => recorded.findIndex((said) => !said.byPeer && isEmptySlave(said.message)) < index;
      return (message[1] === 'g_find' && message[2] === peer) || (isEmptySlave(message) && isSecond()) ? [] : undefined;
    },
  ],
  [
    'global-own-master',
    (message, { amongGlobals, told, exchange: { peer } }) => {
      const [, tag, what] = message;
      if (!amongGlobals) return undefined;
      if (tag === 'g_mon1' || (tag === 'g_slave' && what !== undefined)) return [];
      // what it told its master it tells as a global
      if (tag === 'g_upd' && message.length === 4) return [[...message, []]];
      const globals = (what as Record<string, Entries> | undefined)?.["'g"];
      if (tag !== 'g_set' || globals === undefined || peer in globals || told.get("g_upd 'g")?.has(peer) !== true) return undefined;
      return [[...message.slice(0, 2), { ...(what as Entries), "'g": { ...globals, [peer]: null } }]];
    },
  ],
  [
    'no-echo',
    ([, tag, family, set], { amongGlobals, heard, exchange: { peer } }) => {
      if (tag !== 'g_upd' || !amongGlobals) return undefined;
      const entries = Object.entries((set ?? {}) as Entries);
      const known = heard.get(`g_upd ${String(family)}`);
      // where another global is, a global tells all
      const echoed = entries.every(([key, value]) => key !== peer && known?.get(key) === json(value));
      return entries.length > 0 && echoed ? [] : undefined;
    },
  ],
  [
    'no-ghosts',
    (message, { amongGlobals, gone }) => {
      const [, tag, family, , del] = message;
      if (tag !== 'g_upd' || !amongGlobals || !Array.isArray(del)) return undefined;
      const keys = gone.flatMap((families) => [...(families.get(`g_upd ${String(family)}`)?.keys() ?? [])]);
      return keys.length > del.length ? [[...message.slice(0, 4), keys]] : undefined;
    },
  ],
  ['changes-only', (message, { told }) => (['g_chg2', 'g_upd'].includes(String(message[1])) && !apply(told, message) ? [] : undefined)],
];

/** Applies the deviations to what Perl said, exchange for exchange; notes those that it takes. */
export function compared(exchanges: readonly Exchange[], role: string, used: Set<DeviationId>): readonly Compared[] {
  const peers = new Map<string, Known>();
  const knownOf = (peer: string): Known => {
    const known = peers.get(peer) ?? { told: new Map(), heard: new Map() };
    peers.set(peer, known);
    return known;
  };
  return exchanges.map((exchange) => {
    const known = knownOf(exchange.peer);
    const left = exchanges.filter((other) => other.left && other.at === exchange.at && !isGlobal(other.peer));
    const context = {
      ...known,
      exchange,
      amongGlobals: isGlobal(role) && isGlobal(exchange.peer),
      gone: left.map(({ peer }) => knownOf(peer).heard),
    };
    const expected = exchange.recorded.flatMap(({ byPeer, message }, index) => {
      if (byPeer) {
        apply(known.heard, message);
        return [];
      }
      const instead = insteadOf(message, { ...context, index }, used);
      for (const one of instead) apply(known.told, one);
      return instead;
    });
    const actual = exchange.actual.filter((message) => {
      if (!isOnlyTyped(message, known.told)) return true;
      used.add('values-typed');
      return false;
    });
    return { exchange, expected: canonical(expected), actual: canonical(actual) };
  });
}

function insteadOf(message: Message, context: Context, used: Set<DeviationId>): readonly Message[] {
  for (const [id, rule] of rules) {
    const instead = rule(message, context);
    if (instead === undefined) continue;
    used.add(id);
    return instead;
  }
  return [message];
}

/** The text of a number takes the number's place: Perl sees no difference. */
function isOnlyTyped([, tag, family, set]: Message, told: Families): boolean {
  const entries = Object.entries((tag === 'g_upd' ? (set ?? {}) : {}) as Entries);
  const known = told.get(`g_upd ${String(family)}`);
  return entries.length > 0 && entries.every(([key, value]) => typeof value === 'string' && known?.get(key) === value);
}

/** Notes what a message tells of the database; returns whether that is anything new. */
function apply(families: Families, [, tag, what, first, second]: Message): boolean {
  const update = (name: string, set: unknown, del: unknown): boolean => {
    const known = families.get(name) ?? new Map<string, string>();
    families.set(name, known);
    const changed = Object.entries((set ?? {}) as Entries).filter(([key, value]) => known.get(key) !== json(value));
    for (const [key, value] of changed) known.set(key, json(value));
    const gone = ((del ?? []) as readonly string[]).filter((key) => known.delete(key));
    return changed.length + gone.length > 0;
  };
  switch (tag) {
    case 'g_slave':
    case 'g_set':
      for (const [family, set] of Object.entries((what ?? {}) as Entries)) update(`g_upd ${family}`, set, []);
      return true;
    case 'g_upd':
      return update(`g_upd ${String(what)}`, first, second);
    case 'g_chg1':
    case 'g_chg2':
      return update(`g_chg ${String(what)}`, first, second);
    default:
      return true;
  }
}

const PER_FAMILY: ReadonlySet<unknown> = new Set(['g_upd', 'g_mon1', 'g_mon0', 'g_chg1', 'g_chg2']);

/** The order of keys means nothing, nor that of messages about several families, nor when `g_slave` starts the service. */
function canonical(messages: readonly Message[]): readonly Message[] {
  const groupOf = (message: Message): string => {
    const [, tag, family] = message;
    if (isEmptySlave(message)) return 'g_slave';
    return PER_FAMILY.has(tag) ? String(family) : '';
  };
  const sorted = messages.map((message) => {
    const place = message[1] === 'g_reply' ? 3 : 4;
    return message.map((value, i) => (i === place ? inOrder(value) : value));
  });
  return sorted.sort((a, b) => groupOf(a).localeCompare(groupOf(b)));
}

const inOrder = (list: unknown): unknown =>
  Array.isArray(list) ? [...(list as readonly unknown[])].sort((a, b) => json(a).localeCompare(json(b))) : list;

/** A value as text, the same for all orders of keys. */
function json(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
