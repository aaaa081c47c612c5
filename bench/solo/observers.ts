import { $, createScope } from 'rxmp/federation';
import { perSecond, type Running } from '../harness/measure.js';

interface Fact {
  readonly type: 'says';
  readonly who: string;
  readonly text: string;
}

/** Asserts and takes back while so many others observe distinct patterns, of which one matches. */
export function open(observers: number): Running {
  const scope = createScope<Fact>('bench');
  let seen = 0;
  for (let i = 0; i < observers; i++) scope.observe({ type: 'says', who: `who ${i}`, text: $ }).subscribe(() => seen++);
  return {
    async run(assertions) {
      seen = 0;
      const rate = await perSecond(assertions, () => {
        for (let i = 0; i < assertions; i++) scope.assert({ type: 'says', who: 'who 0', text: 'hello' }).unsubscribe();
      });
      if (seen !== 2 * assertions) throw new Error(`${seen} events were seen, expected ${2 * assertions}`);
      return rate;
    },
    close: () => scope.close(),
  };
}
