import type { NodeOptions } from 'rxmp';
import { createWorld, type WorldOptions } from '../world.js';

/** A world with two nodes, `a` and `b`, that are connected; `options` are those of `a`. */
export async function connected(world: WorldOptions = {}, options: NodeOptions = {}) {
  const made = createWorld(world);
  const b = await made.start('b');
  const a = await made.start('a', { seeds: ['memory://b'], ...options });
  made.clock.runFor(1_000);
  return { world: made, a, b };
}
