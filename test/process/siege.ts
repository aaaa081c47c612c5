import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** A gate that may be attacked. */
export interface Place {
  readonly address: string;
  readonly open: readonly string[];
  readonly secrets: readonly string[];
}

/** What came of attacks so far. */
export interface Report {
  /** What should not have happened. */
  readonly broken: readonly string[];
  /** How often a guest that attacks has come. */
  readonly visits: number;
  /** What such guests have said, and the gate has judged; and what it has refused of that. */
  readonly messages: number;
  readonly refused: number;
  /** What was refused, by kinds. */
  readonly kinds: readonly (readonly [kind: string, count: number])[];
  readonly isUp: boolean;
}

export interface Siege {
  readonly place: Place;
  attack(is: boolean): void;
  report(): Promise<Report>;
  end(): Promise<unknown>;
}

const thread = (name: string, workerData?: object): Worker => new Worker(fileURLToPath(new URL(name, import.meta.url)), { workerData });
const said = async <T>(worker: Worker): Promise<T> => ((await once(worker, 'message')) as [T])[0];

/** A gate, and a guest that attacks it when it is told to, in the name of so many users: each in a thread. */
export async function startSiege(seed: number, users: number): Promise<Siege> {
  const gate = thread('hostile-gate.mjs');
  const place = await said<Place>(gate);
  const intruder = thread('hostile-intruder.mjs', { ...place, seed, users });
  return {
    place,
    attack: (is) => { intruder.postMessage(is); },
    report() {
      gate.postMessage('report');
      return said<Report>(gate);
    },
    end: () => Promise.all([gate.terminate(), intruder.terminate()]),
  };
}

/** For people. */
export const inWords = ({ visits, messages, refused, kinds }: Report): string =>
  `${messages} inputs in ${visits} visits, of which ${refused} were refused: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(', ')}`;
