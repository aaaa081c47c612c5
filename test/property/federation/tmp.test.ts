import { it } from 'vitest';
import { createScopeCore } from '/work/main/src/federation/core/scope-core.js';
import { play } from '/work/main/test/property/federation/play.js';
it('x', () => {
  const t = performance.now();
  let bad = 0, refused = 0, doomed = 0, steps = 0;
  for (let s = 1; s <= 1000; s++) {
    const r = play(createScopeCore, s);
    steps += r.steps; refused += r.counts.refused; doomed += r.counts.doomed;
    if (r.violation) { if (bad++ < 0) console.log(r.violation.slice(0, 3000)); else if (r.violation) console.log(r.violation.split("\n")[0]); }
  }
  console.log({ bad, refused, doomed, steps, ms: performance.now() - t });
}, 100000);
