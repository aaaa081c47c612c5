import type { MpNode, Port } from '../../src/index.js';

/** What a program of a recorded node can do. */
export interface Stage {
  readonly node: MpNode;
  /** A port, which has the recorded name in what is compared. */
  port(): Port;
  note(...note: readonly unknown[]): void;
}

/** What a recorded program did in its steps, as far as its messages and notes show it; 0: before it was connected. */
export type Program = Readonly<Record<number, (stage: Stage) => void>>;

function watch({ node, note }: Stage, family: string, name = family): { unsubscribe(): void } {
  return node.dbMon(family).subscribe(({ family: entries, add, chg, del }) => {
    note('db_mon', name, Object.fromEntries(entries), [...add].sort(), [...chg].sort(), [...del].sort());
  });
}

function askFamily({ node, note }: Stage, family: string): void {
  node.dbFamily(family).subscribe((entries) => { note('db_family', Object.fromEntries(entries)); });
}

function askKeys({ node, note }: Stage, family: string): void {
  node.dbKeys(family).subscribe((keys) => { note('db_keys', [...keys].sort()); });
}

function askValues({ node, note }: Stage, family: string): void {
  node.dbValues(family).subscribe((values) => { note('db_values', [...values]); });
}

/** S1 of the scenario e. Where Perl sees nothing new in a value, it has set it twice. */
export function programOfE1(): Program {
  let fam = { unsubscribe: (): void => undefined };
  let empty = fam;
  let guard = fam;
  let worker: Port | undefined;
  const set =
    (key: string, value: unknown) =>
    ({ node }: Stage): void => {
      node.dbSet('fam', key, value);
    };
  return {
    3: (stage) => { fam = watch(stage, 'fam'); },
    4: set('k1', null),
    5: set('k1', null),
    6: set('k1', 'v1'),
    7: set('k1', 'v1'),
    8: set('k1', 'v1b'),
    9: set('k2', [1, 'two', null, { x: 1 }]),
    10: set('k2', [1, 'two', null, { x: 1 }]),
    11: set('k3', { a: 1, b: [] }),
    12: set('k4', 42),
    13: set('k4', '42'),
    14: set('schlüssel€', 'wert€'),
    15: (stage) => { askFamily(stage, 'fam'); },
    16: (stage) => { askKeys(stage, 'fam'); },
    17: (stage) => { askValues(stage, 'fam'); },
    18: (stage) => { askFamily(stage, 'nofam'); },
    19: (stage) => { askKeys(stage, 'nofam'); },
    20: (stage) => { askValues(stage, 'nofam'); },
    21: ({ node }) => { node.dbDel('fam', 'k3'); },
    22: ({ node }) => { node.dbDel('fam', 'nokey'); },
    23: ({ node }) => { node.dbDel('fam', 'k4', 'k2'); },
    24: (stage) => { watch(stage, 'fam', 'fam-second').unsubscribe(); },
    26: ({ node }) => { guard = node.dbSet('fam', 'guarded', 1); },
    27: () => { guard.unsubscribe(); },
    28: (stage) => { stage.node.dbReg('workers', (worker = stage.port()), 'val'); },
    29: (stage) => { askKeys(stage, 'workers'); },
    30: ({ node }) => { if (worker !== undefined) node.kil(worker); },
    31: (stage) => { askKeys(stage, 'workers'); },
    32: (stage) => { empty = watch(stage, 'emptyfam'); },
    33: () => { empty.unsubscribe(); },
    34: (stage) => {
      watch(stage, "'l");
      watch(stage, "'g");
    },
    61: (stage) => { askFamily(stage, 'fam'); },
    62: () => { fam.unsubscribe(); },
    63: set('unmonitored', 1),
  };
}

/** S2 of the scenario e. */
export const programOfE2: Program = {
  3: ({ node }) => { node.dbSet('fam', 's2key', 'from S2'); },
  4: ({ node }) => { node.dbSet('fam', 'k1', 'S2 overrides'); },
  5: ({ node }) => { node.dbSet('fam', 's2key', null); },
  6: ({ node }) => { node.dbDel('fam', 's2key'); },
  7: ({ node }) => { node.dbDel('fam', 'k1'); },
  8: ({ node }) => { node.dbSet('fam', 'k1', 'S2 again'); },
  9: ({ node }) => { node.dbSet('fam', 's2only', ['dies with me']); },
};

/** M1 of the scenario f, which only looks. */
export const programOfM1: Program = {
  0: (stage) => {
    for (const family of ['fam', "'g", "'l"]) watch(stage, family);
  },
  22: (stage) => { askFamily(stage, 'fam'); },
};

/** S1 of the scenario f. */
export const programOfF1: Program = {
  0: ({ node }) => {
    node.dbSet('fam', 's1only', 1);
    node.dbSet('fam', 'shared', 'from S1');
  },
  5: ({ node }) => { node.dbSet('fam', 's1late', 'x'); },
  6: ({ node }) => { node.dbSet('fam', 'both', 'S1'); },
};

/** S2 of the scenario f. */
export const programOfF2: Program = {
  0: (stage) => {
    stage.node.dbSet('fam', 's2only', 2);
    stage.node.dbSet('fam', 'shared', 'from S2');
    watch(stage, 'fam');
  },
  6: ({ node }) => { node.dbSet('fam', 'both', 'S2'); },
  23: ({ node }) => { node.dbSet('fam', 's2late', 1); },
};
