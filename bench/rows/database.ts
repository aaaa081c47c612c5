import { oneWay } from '../harness/pair.js';
import type { Goal, Row } from '../harness/row.js';
import { solo } from '../harness/solo.js';
import type { StoreKind } from '../solo/store.js';

/** An update of one key may take so long, in µs (database.md). */
const UPDATE = 10;
/** So many updates a second a watcher has to see, of a family of so many keys (database.md). */
const WATCHED = { updates: 500_000, keys: 100_000 };

export const familySizes = (isQuick: boolean): readonly number[] => (isQuick ? [1_000, 10_000, 100_000] : [1_000, 10_000, 100_000, 1_000_000]);

export function databaseRows(isQuick: boolean): readonly Row[] {
  const sizes = familySizes(isQuick);
  const joining = isQuick ? 10_000 : 100_000;
  return [
    ...sizes.map((keys) => storeRow(keys, sizes[0] ?? keys)),
    ...sizes.map(watchRow),
    joinRow('join', 'keys a second', 'keys/s', 'more', joining),
    joinRow('join.octets', 'octets a key', 'octets/key', 'less', joining),
  ];
}

/** Whoever looks at the family after each update asks the most of the store: that has the goals. */
function storeRow(keys: number, smallest: number): Row {
  const of = (id: StoreKind | 'rxmp' | 'raw', name: string, kind: StoreKind) => solo(id, name, 'store', { kind, keys });
  const beside: readonly Goal[] = keys === smallest ? [] : [{ of: 'rxmp', by: 'rxmp', row: `store.${smallest}`, atLeast: 1 / 3 }];
  return {
    id: `store.${keys}`,
    what: `a family of ${keys.toLocaleString('en')} keys in memory, of which one changes`,
    unit: 'updates/s',
    better: 'more',
    contenders: [
      of('rxmp', 'store, looked at each time', 'seen'),
      of('seen64', 'store, looked at every 64', 'seen64'),
      of('unseen', 'store, never looked at', 'unseen'),
      of('raw', 'mutable Map, change record', 'map'),
      of('immutable', 'immutable.js Map, change record', 'immutable'),
      of('immer', 'flat immer Map, change record', 'immer'),
    ],
    goals: [{ of: 'rxmp', atLeast: 1_000_000 / UPDATE }, ...beside],
    check: 'raw',
  };
}

const watchRow = (keys: number): Row => ({
  id: `watch.${keys}`,
  what: `updates of a family of ${keys.toLocaleString('en')} keys that a watcher in another process sees`,
  unit: 'updates/s',
  better: 'more',
  contenders: [
    oneWay('rxmp', 'rxmp', 'down', { system: 'family', keys }),
    oneWay('raw', 'Map, JSON and TCP, bare', 'down', { system: 'raw-family', keys }),
  ],
  goals: keys <= WATCHED.keys ? [{ of: 'rxmp', atLeast: WATCHED.updates }] : [],
  check: 'raw',
});

const joinRow = (id: string, figure: 'keys a second' | 'octets a key', unit: string, better: 'more' | 'less', keys: number): Row => ({
  id,
  what: `a new slave gets a family of ${keys.toLocaleString('en')} keys`,
  unit,
  better,
  contenders: [solo('rxmp', 'rxmp', 'join', { keys, figure }, { operations: 1 })],
  goals: [],
});
