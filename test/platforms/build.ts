import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

export const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Where the built cases are, with rxmp and rxjs in `node_modules`, as in a program that has installed them. */
const APP = path('../../dist/platforms');

/** A program for processes, which finds the installed packages. */
export async function buildForProcesses(): Promise<string> {
  rmSync(APP, { recursive: true, force: true });
  mkdirSync(`${APP}/node_modules`, { recursive: true });
  symlinkSync(path('../..'), `${APP}/node_modules/rxmp`);
  symlinkSync(path('../../node_modules/rxjs'), `${APP}/node_modules/rxjs`);
  writeFileSync(`${APP}/package.json`, JSON.stringify({ type: 'module', dependencies: { rxmp: '*', rxjs: '*' } }));
  const bundle = await rolldown({ input: path('process.ts'), external: /^[^./]/, platform: 'neutral', tsconfig: false, logLevel: 'silent' });
  await bundle.write({ file: `${APP}/process.js`, codeSplitting: false });
  await bundle.close();
  return `${APP}/process.js`;
}

/** A script with all that it needs, as bundlers make it for browsers and their like: minified. */
export async function buildForBrowsers(entry: string, format: 'esm' | 'iife'): Promise<string> {
  const bundle = await rolldown({
    input: path(entry),
    platform: 'browser',
    // which has another place for rxmp
    tsconfig: false,
    resolve: { conditionNames: ['browser', 'import', 'default'], alias: { rxmp: path('../../dist/bundle/browser.js') } },
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format, minify: true, codeSplitting: false });
  await bundle.close();
  return output[0].code;
}
