import { defineConfig } from 'vitest/config';

const here = (path: string): string => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rxmp$/, replacement: here('./src/index.ts') },
      { find: /^rxmp\/operators$/, replacement: here('./operators/index.ts') },
      { find: /^rxmp\/testing$/, replacement: here('./src/testing/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'marbles/**/*.marbles.ts'],
    testTimeout: 20_000,
    maxWorkers: 2,
    execArgv: ['--expose-gc'], // for tests that measure memory
    reporters: ['default', ['json', { outputFile: here('./node_modules/.cache/vitest.json') }]],
  },
});
