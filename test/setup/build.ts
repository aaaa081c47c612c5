import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Before tests that start processes: `dist` is what the sources say. */
export default function build(): void {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  // the two steps of `npm run build`
  for (const command of [[compiler, '-p', 'tsconfig.build.json'], ['bundle.js']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the sources don't compile, so there is nothing to test:\n${stdout}${stderr}`);
  }
}
