import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inParallel, runJob } from './children.js';
import type { Coverage } from './job.js';
import { CACHE, hashOf, TREE } from './tree.js';

/** No test may take longer, ms. */
const LONGEST = 60_000;

/** What each test reaches, for mutants that `writeTree` has written; kept until the sources, or the test, change. */
export async function measureCoverage(files: readonly string[], shared: string, workers: number, told: () => void): Promise<readonly Coverage[]> {
  const found: Coverage[] = [];
  mkdirSync(join(CACHE, 'coverage'), { recursive: true });
  await inParallel(files, workers, async (file, place) => {
    const kept = join(CACHE, 'coverage', `${file.replaceAll('/', '-')}.json`);
    const key = hashOf([shared, readFileSync(join(TREE, file.replace(/\.ts$/, '.js')), 'utf8')]);
    let coverage = read(kept, key);
    if (coverage === undefined) {
      const { last } = await runJob({ mutant: 'coverage', files: [{ file }] }, () => LONGEST, place);
      coverage = last.kind === 'covered' ? last.coverage : { file, loads: [], tests: [] };
      writeFileSync(kept, JSON.stringify({ key, coverage }));
    }
    found.push(coverage);
    told();
  });
  return found.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function read(path: string, key: string): Coverage | undefined {
  try {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { key: string; coverage: Coverage };
    return kept.key === key ? kept.coverage : undefined;
  } catch {
    return undefined; // never measured
  }
}
