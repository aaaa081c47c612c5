import { ESLint } from 'eslint';
import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

/** Snippets are in no TypeScript project, so the rules that need types stay out of this test. */
const withoutTypes = [
  tseslint.configs.disableTypeChecked,
  { rules: Object.fromEntries(Object.keys(rxjsX.rules).map((name) => [`rxjs-x/${name}`, 'off' as const])) },
];

const eslint = new ESLint({
  cwd: new URL('../../..', import.meta.url).pathname,
  overrideConfig: withoutTypes as NonNullable<ESLint.Options['overrideConfig']>,
});

/** The rules that `code` breaks if it is the file at `filePath`. */
async function broken(filePath: string, code: string): Promise<(string | null)[]> {
  const results = await eslint.lintText(`${code}\n`, { filePath });
  const messages = results.flatMap((result) => result.messages);
  expect(messages.filter((message) => message.fatal)).toEqual([]);
  return messages.map((message) => message.ruleId);
}

const floor = 'import-x/no-restricted-paths';
const module = '@typescript-eslint/no-restricted-imports';
const global = 'no-restricted-globals';
const property = 'no-restricted-properties';
const syntax = 'no-restricted-syntax';

describe('a floor knows only those below it', () => {
  it.each([
    ['src/wire/snippet.ts', '../transport/duplex.js'],
    ['src/env/snippet.ts', '../wire/errors.js'],
    ['src/kernel/snippet.ts', '../testing/heap.js'],
    ['src/kernel/snippet.ts', '../angular/index.js'],
    ['src/angular/snippet.ts', '../index.js'],
    ['operators/snippet.ts', '../src/wire/errors.js'],
    ['operators/snippet.ts', '../src/testing/heap.js'],
    ['marbles/snippet.ts', '../src/env/clock.js'],
    ['bench/snippet.ts', '../src/env/clock.js'],
    ['examples/snippet.ts', '../src/transport/address.js'],
  ])('%s may not import %s', async (file, path) => {
    expect(await broken(file, `export * from '${path}';`)).toEqual([floor]);
  });

  it.each([
    ['src/kernel/snippet.ts', '../transport/duplex.js'],
    ['src/transport/snippet.ts', '../wire/errors.js'],
    ['src/wire/snippet.ts', './errors.js'],
    ['src/node.ts', './env/clock.js'],
    ['src/cli/snippet.ts', '../transport/address.js'],
    ['src/testing/snippet.ts', '../transport/duplex.js'],
    ['src/angular/testing/snippet.ts', '../in-context.js'],
    ['marbles/snippet.ts', '../src/testing/index.js'],
    ['test/unit/snippet.ts', '../../src/env/clock.js'],
  ])('%s may import %s', async (file, path) => {
    expect(await broken(file, `export * from '${path}';`)).toEqual([]);
  });

  it('src/wire has no streams, and of src/env only types', async () => {
    expect(await broken('src/wire/snippet.ts', `export { Subject } from 'rxjs';`)).toEqual([module]);
    expect(await broken('src/wire/snippet.ts', `export { map } from 'rxjs/operators';`)).toEqual([module]);
    expect(await broken('src/wire/snippet.ts', `export { word } from '../env/random.js';`)).toEqual([module]);
    expect(await broken('src/wire/snippet.ts', `export type { Random } from '../env/random.js';`)).toEqual([]);
  });
});

describe('time and chance come from src/env', () => {
  const everywhere = ['src/kernel/snippet.ts', 'src/wire/snippet.ts', 'src/testing/snippet.ts', 'operators/snippet.ts'];

  it.each([
    ['setTimeout(f, 1);', global],
    ['globalThis.setTimeout(f, 1);', global],
    ['setInterval(f, 1);', global],
    ['setImmediate(f);', global],
    ['queueMicrotask(f);', global],
    ['f(performance);', global],
    ['f(new MessageChannel());', global],
    ['crypto.getRandomValues(f);', global],
    ['globalThis.crypto.getRandomValues(f);', global],
    ['f(Date.now());', property],
    ['f(Math.random());', property],
    ['process.nextTick(f);', property],
    ['f(AbortSignal.timeout(1));', property],
    ['f(new Date());', syntax],
    ['f(Date());', syntax],
    ['timer(1);', syntax],
    ['timer(1, 2);', syntax],
    ['interval(1);', syntax],
    ['f.pipe(delay(1));', syntax],
    ['f.pipe(debounceTime(1));', syntax],
    ['f.pipe(throttleTime(1));', syntax],
    ['f.pipe(auditTime(1));', syntax],
    ['f.pipe(sampleTime(1));', syntax],
    ['f.pipe(bufferTime(1));', syntax],
    ['f.pipe(windowTime(1));', syntax],
    ['f.pipe(timeout(1));', syntax],
    ['f.pipe(timeout({ each: 1 }));', syntax],
    ['f.pipe(retry({ count: 3, delay: 1 }));', syntax],
    ['f.pipe(repeat({ delay: 1 }));', syntax],
    ['f.pipe(timestamp());', syntax],
    ['f.pipe(shareReplay(1, 1));', syntax],
    ['f(new ReplaySubject(1, 1));', syntax],
    [`export { asyncScheduler } from 'rxjs';`, module],
    [`export { setTimeout } from 'node:timers/promises';`, module],
    [`export { randomBytes } from 'node:crypto';`, module],
    [`export { randomBytes } from 'crypto';`, module],
    [`export { performance } from 'node:perf_hooks';`, module],
  ])('%s is refused', async (code, rule) => {
    for (const file of everywhere) expect(await broken(file, code), file).toContain(rule);
  });

  it.each([
    'f(new Date(0));',
    'timer(1, clock);',
    'timer(1, 2, clock);',
    'interval(1, clock);',
    'f.pipe(delay(1, clock));',
    'f.pipe(timeout(1, clock));',
    'f.pipe(timeout({ each: 1, scheduler: clock }));',
    'f.pipe(retry({ count: 3, delay: () => timer(1, clock) }));',
    'f.pipe(retry({ delay: backoff(clock) }));',
    'f.pipe(shareReplay(1));',
    'f(new ReplaySubject(1));',
    'crypto_1.f();',
    'network.delay(1);',
  ])('%s is fine', async (code) => {
    for (const file of everywhere) expect(await broken(file, code), file).toEqual([]);
  });

  it('src/env and src/cli may', async () => {
    const code = `export { randomBytes } from 'node:crypto'; setTimeout(f, Date.now() + Math.random()); timer(1);`;
    expect(await broken('src/env/snippet.ts', code)).toEqual([]);
    expect(await broken('src/cli/snippet.ts', code)).toEqual([]);
  });
});

describe('only the transports know the platform', () => {
  it.each([
    ['src/kernel/snippet.ts', 'ws'],
    ['src/kernel/snippet.ts', 'node:net'],
    ['src/kernel/snippet.ts', 'node:fs/promises'],
    ['src/services/snippet.ts', 'net'],
    ['src/wire/snippet.ts', 'node:buffer'],
    ['src/transport/handshake.ts', 'node:net'],
    ['src/transport/tcp.ts', 'node:timers'],
    ['src/testing/snippet.ts', 'ws'],
    ['operators/snippet.ts', 'node:os'],
  ])('%s may not import %s', async (file, name) => {
    expect(await broken(file, `export * from '${name}';`)).toEqual([module]);
  });

  it.each([
    ['src/transport/tcp.ts', 'node:net'],
    ['src/transport/websocket.ts', 'ws'],
    ['src/transport/interfaces.ts', 'node:os'],
    ['src/testing/snippet.ts', 'node:util'],
    ['src/cli/snippet.ts', 'node:fs'],
  ])('%s may import %s', async (file, name) => {
    expect(await broken(file, `export * from '${name}';`)).toEqual([]);
  });
});

describe('the rest', () => {
  it.each([
    ['console.log(1);', 'no-console'],
    ['export const f = (x: any) => x;', '@typescript-eslint/no-explicit-any'],
    ['export const f = (x?: string) => x!;', '@typescript-eslint/no-non-null-assertion'],
    [`import { A } from './a.js'; export const f = (a: A) => a;`, '@typescript-eslint/consistent-type-imports'],
    ['const unused = 1;', '@typescript-eslint/no-unused-vars'],
    ['export const f = (a: unknown) => a == 1;', 'eqeqeq'],
  ])('%s is refused', async (code, rule) => {
    expect(await broken('src/kernel/snippet.ts', code)).toEqual([rule]);
  });

  it('the command may write to the console', async () => {
    expect(await broken('src/cli/snippet.ts', 'console.log(1);')).toEqual([]);
  });
});
