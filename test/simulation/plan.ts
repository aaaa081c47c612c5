import fc from 'fast-check';

/** What kind of network a run has. */
export interface Setup {
  /** Nodes that all others use as seeds; they use each other. */
  readonly seeds: number;
  /** Nodes that are global from the start, though nobody's seed. */
  readonly globals: number;
  readonly slaves: number;
  /** Every so many slaves one is private, without a listener; 0: none. */
  readonly privateEvery: number;
  /** So many of the last slaves are workers of nodes before them, threads of the same program (V19). */
  readonly workers: number;
  readonly framings: readonly (readonly string[])[];
  /** The longest delay of the network, ms. */
  readonly delay: number;
  readonly monitorTimeout: number;
  /** How long links outlive their connections, ms. */
  readonly resumeTime: number;
  /** `limits.databasePiece`: with little, long answers come in pieces. */
  readonly piece: number;
  /**
   * No faults at all, but connections that break and may be resumed: then nothing may be lost, and no monitor tell of lost nodes.
   */
  readonly calm: boolean;
  /** Nodes do something as soon as they are told of a loss, or that another is up: the worst moment. */
  readonly reacts: boolean;
}

/** What can happen, with how often it does. */
const WEIGHTS = {
  ...{ send: 30, echo: 6, monitor: 12, unmonitor: 3, link: 3, port: 3, spawn: 4, kill: 5, boom: 1 },
  ...{ set: 14, del: 6, reg: 3, watch: 4, unwatch: 2, ask: 4, pause: 4 },
} as const;

const FAULTS = {
  ...{ cut: 2, partition: 1, silence: 2, refuse: 1, tear: 2, corrupt: 1, slow: 1, throttle: 1, delay: 1, healOne: 3, heal: 1 },
  ...{ crash: 2, vanish: 1, restart: 4, leave: 1, twin: 1, untwin: 1, freeze: 1, thaw: 2, leap: 1, garbage: 1, foreign: 1 },
  ...{ bounce: 2, flap: 2, stall: 2, forget: 3 },
} as const;

/** What links outlive. */
const BREAKS = { blip: 8 } as const;

export type ActionName = keyof typeof WEIGHTS | keyof typeof FAULTS | keyof typeof BREAKS;

/** One step of a run. `a`, `b` and `c` choose among what is there, so that any list of steps can be played. */
export interface Action {
  readonly do: ActionName;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** Ms that go by after it. */
  readonly wait: number;
}

/** A run as data: playing it again gives the same. */
export interface Plan {
  readonly seed: number;
  readonly setup: Setup;
  readonly actions: readonly Action[];
}

const weighted = (weights: Readonly<Record<string, number>>): ActionName[] =>
  Object.entries(weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name as ActionName));

const choice = fc.nat(9_999);
const wait = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 2, arbitrary: fc.integer({ min: 30, max: 300 }) },
);

function actionOf(names: readonly ActionName[]): fc.Arbitrary<Action> {
  return fc.record({ do: fc.constantFrom(...names), a: choice, b: choice, c: choice, wait });
}

const calmAction = actionOf(weighted(WEIGHTS));
const resumedAction = actionOf([...weighted(WEIGHTS), ...weighted(BREAKS)]);
const anyAction = actionOf([...weighted(WEIGHTS), ...weighted(FAULTS)]);

const setupOf = (calm: boolean): fc.Arbitrary<Omit<Setup, 'resumeTime' | 'workers'>> =>
  fc.record({
    seeds: fc.integer({ min: 1, max: 4 }),
    globals: fc.nat(2),
    slaves: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 2, max: 7 }) }, { weight: 1, arbitrary: fc.integer({ min: 8, max: 19 }) }),
    privateEvery: fc.constantFrom(0, 3, 4),
    framings: fc.constantFrom(...FRAMINGS),
    delay: fc.constantFrom(1, 10, 40),
    monitorTimeout: fc.constantFrom(1_000, 2_000, 4_000),
    piece: fc.constantFrom(1_000_000, 200, 40),
    calm: fc.constant(calm),
    reacts: fc.constantFrom(true, true, true, false),
  });

/** What the nodes of a run speak, in turn. */
const FRAMINGS = [
  [['rxmp_json', 'json', 'cbor']],
  [['json']],
  [['cbor']],
  [['rxmp_json', 'json'], ['json', 'cbor'], ['cbor', 'json', 'rxmp_json'], ['rxmp_json', 'cbor', 'json']],
];

/** At least, and at most, so many actions. */
const [FEWEST, MOST] = [200, 2_000];
/** Every so many runs one is calm. */
const CALM_EVERY = 8;

/** How long links outlive their connections, by the seed. Where nothing may be lost, long enough to connect again. */
const RESUME_TIMES = [0, 300, 0, 0, 3_000, 0];
const CALM_RESUME_TIMES = [0, 3_000, 3_000];

/** How many workers there are, by the seed. */
const WORKERS = [0, 2, 1, 0, 3];

/** The run of a seed. */
export function planOf(seed: number): Plan {
  const calm = seed % CALM_EVERY === 0;
  const times = calm ? CALM_RESUME_TIMES : RESUME_TIMES;
  const resumeTime = times[(calm ? seed / CALM_EVERY : seed) % times.length] ?? 0;
  const action = !calm ? anyAction : resumeTime > 0 ? resumedAction : calmAction;
  const length = FEWEST + Math.floor((MOST - FEWEST + 1) * spread(seed));
  const plan = fc.record({
    seed: fc.constant(seed),
    setup: setupOf(calm),
    actions: fc.array(action, { minLength: length, maxLength: length }),
  });
  // without bias: small and large choices are no more interesting than others
  const [made] = fc.sample(fc.noBias(plan), { seed, numRuns: 1 });
  if (made === undefined) throw new Error(`no plan for seed ${seed}`);
  return { ...made, setup: { ...made.setup, resumeTime, workers: WORKERS[seed % WORKERS.length] ?? 0 } };
}

const MILLION = 1_000_000;

/** Short runs are the most frequent: they find nearly as much, and sooner. */
function spread(seed: number): number {
  const [part = 0] = fc.sample(fc.noBias(fc.nat(MILLION - 1)), { seed: seed ^ 0x5f3759df, numRuns: 1 });
  return (part / MILLION) ** 8;
}

/** For shrinking: fewer and smaller actions of the same kind. */
export const shrinkable = fc.array(anyAction, { maxLength: MOST, size: 'max' });
