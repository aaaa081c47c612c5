import { createNode } from '../../../src/node.js';
import type { NodeOptions } from '../../../src/options.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { recordedLog } from '../../../marbles/world.js';

/** A node of its own on virtual time, called `a`, with what it logs. */
export async function local(options: NodeOptions = {}) {
  const clock = new VirtualClock();
  const log = recordedLog();
  const node = await createNode({ nodeid: 'a', clock, log, ...options });
  return { node, clock, log };
}

/** A place for what arrives. */
export function inbox(): { readonly got: unknown[]; readonly put: (...message: never[]) => void } {
  const got: unknown[] = [];
  return { got, put: (...message: readonly unknown[]) => got.push(message) };
}
