import { claimPort } from '../fixtures/port.js';
import type { DatabaseNodeOptions } from './database-nodes.js';

/** Short, so that the test is; long against the noise of a machine that is busy with fifteen processes. */
const monitorTimeout = 3_000;
/** What all nodes have in common. */
export const common = { secret: 'real database', monitorTimeout };
/** Some nodes cut what they tell of the database into many pieces. */
const inPieces = { databasePiece: 300 };
/** Long enough for a machine that is busy: whoever runs out of it may lose what it has not heard of yet. */
const handoverTime = 60_000;

export const SEEDS = ['gA', 'gB', 'gC'];
export const SLAVES_OF_A = ['s1', 's2', 's3', 's4', 's5', 's6'];
export const SLAVES_OF_C = ['s7', 's8', 's9'];
export const OTHERS = ['s10', 's11', 's12'];

/** What each node is to be started with. */
export async function planNetwork(): Promise<Map<string, DatabaseNodeOptions>> {
  const options = new Map<string, DatabaseNodeOptions>();
  const [a, b, c, web] = await Promise.all([claimPort(), claimPort(), claimPort(), claimPort()]);
  const [A, B, C, W] = [`127.0.0.1:${a}`, `ws://127.0.0.1:${b}`, `127.0.0.1:${c}`, `ws://127.0.0.1:${web}`];
  options.set('gA', { ...common, binds: [A], seeds: [B, C], global: true });
  options.set('gB', { ...common, binds: [B], seeds: [A, W], limits: { ...inPieces, handoverTime } });
  options.set('gC', { ...common, binds: [C, W], seeds: [A, B], limits: { handoverTime } });
  const seeds = [
    ...[[A, B], [A, C], [A, B, C], [A, W], [A, C, B], [A, B, W]],
    ...[[C], [W], [C]],
    ...[[B, C], [W, B], [B, W]],
  ];
  const binds = [[], ['127.0.0.1:0'], ['ws://127.0.0.1:0']];
  for (const [i, list] of seeds.entries()) {
    const framings = [['cbor', 'json'], ['rxmp_json', 'json', 'cbor'], ['json', 'cbor']][i % 3]!;
    const limits = i % 4 === 1 ? inPieces : { handoverTime };
    options.set(`s${i + 1}`, { ...common, binds: binds[i % 3]!, seeds: list, framings, limits });
  }
  return options;
}
