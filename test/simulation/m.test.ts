import { it } from 'vitest';
import { compile, mutate } from './mutants/build.js';
import { mutants } from './mutants/mutants.js';
it('b', () => { compile(); for (const m of mutants) if (/tells of a lost|normally/.test(m.name)) console.log('DIR', mutate('/work/main/node_modules/.cache/simulation/right', m)); });
