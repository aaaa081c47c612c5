import fc from 'fast-check';
import { shrinkable, type Action, type Plan } from './plan.js';
import { play } from './play.js';

/**
 * Makes a failing plan short: leaves out ever smaller parts of its actions, then lets fast-check make the rest simpler. What
 * breaks another rule than `rule` does not count. Takes about `time` ms, at most.
 */
export async function shrink(plan: Plan, rule: string, time: number): Promise<Plan> {
  const end = Date.now() + time;
  const fails = async (actions: readonly Action[]): Promise<boolean> =>
    (await play({ ...plan, actions })).violation?.rule === rule;

  let { actions } = plan;
  for (let size = Math.ceil(actions.length / 2); size >= 1 && Date.now() < end; size = Math.floor(size / 2)) {
    for (let at = 0; at < actions.length && Date.now() < end; ) {
      const without = [...actions.slice(0, at), ...actions.slice(at + size)];
      if (await fails(without)) actions = without;
      else at += size;
    }
  }
  const simpler = fc.asyncProperty(shrinkable, async (tried) => Date.now() > end || !(await fails(tried)));
  const { counterexample } = await fc.check(simpler, { examples: [[[...actions]]], numRuns: 1 });
  return { ...plan, actions: counterexample?.[0] ?? actions };
}

/** A plan as text that a test can hold. */
export function textOf({ seed, setup, actions }: Plan): string {
  const lines = actions.map(({ do: name, a, b, c, wait }) => `    { do: '${name}', a: ${a}, b: ${b}, c: ${c}, wait: ${wait} },`);
  return `{\n  seed: ${seed},\n  setup: ${JSON.stringify(setup)},\n  actions: [\n${lines.join('\n')}\n  ],\n}`;
}
