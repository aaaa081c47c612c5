import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const path = (file: string): string => new URL(file, ROOT).pathname;
const ENTRIES = ['src/index.ts', 'src/browser.ts', 'operators/index.ts', 'src/services/compat.ts', 'src/federation/index.ts', 'src/guests/index.ts', 'src/testing/index.ts'];

/** All that the entry exports, from a bundle as production has it: with the names of classes minified. */
async function minified(entry: string): Promise<Readonly<Record<string, unknown>>> {
  const bundle = await rolldown({
    input: path(entry),
    platform: 'neutral',
    logLevel: 'silent',
    plugins: [{ name: 'installed', resolveId: (name) => (/^[./]/.test(name) ? undefined : { id: import.meta.resolve(name), external: true }) }],
  });
  const { output } = await bundle.generate({ minify: true, codeSplitting: false });
  await bundle.close();
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(output[0].code)}`)) as Record<string, unknown>;
}

type ErrorClass = abstract new (...args: never[]) => Error;

const isErrorClass = (value: unknown): value is ErrorClass => typeof value === 'function' && value.prototype instanceof Error;

describe('names of errors', () => {
  it.each(ENTRIES)('are those of their classes in a minified bundle of %s', async (entry) => {
    const exported = Object.entries(await minified(entry)).filter((pair): pair is [string, ErrorClass] => isErrorClass(pair[1]));
    // RxmpError is abstract: what has no name of its own
    const named = exported.filter(([name]) => name !== 'RxmpError');
    expect(named.map(([, { prototype }]) => (prototype as Error).name)).toEqual(named.map(([name]) => name));
    if (entry === 'src/index.ts') {
      expect(named.length).toBeGreaterThan(10);
      expect(named.some(([name, { name: short }]) => name !== short)).toBe(true);
    }
  });
});
