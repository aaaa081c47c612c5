import { it } from 'vitest';
import { compile } from './mutants/build.js';
it('b', () => { const t = performance.now(); console.log(compile(), performance.now() - t); });
