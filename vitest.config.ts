import { defineConfig } from 'vitest/config';

const here = (path: string): string => new URL(path, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rxmp$/, replacement: here('./src/index.ts') },
      { find: /^rxmp\/operators$/, replacement: here('./operators/index.ts') },
      { find: /^rxmp\/compat$/, replacement: here('./src/services/compat.ts') },
      { find: /^rxmp\/federation$/, replacement: here('./src/federation/index.ts') },
      { find: /^rxmp\/testing$/, replacement: here('./src/testing/index.ts') },
    ],
  },
  test: {
    maxWorkers: 2,
    execArgv: ['--expose-gc'], // for tests that measure memory
    reporters: ['default', ['json', { outputFile: here('./node_modules/.cache/vitest.json') }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'sources',
          include: ['test/**/*.test.ts', 'marbles/**/*.marbles.ts'],
          exclude: ['test/process/**'],
          testTimeout: 20_000,
        },
      },
      {
        // only these, which start processes of what is built, wait for the build
        extends: true,
        test: {
          name: 'processes',
          include: ['test/process/**/*.test.ts'],
          globalSetup: './test/setup/build.ts',
          testTimeout: 30_000,
        },
      },
    ],
  },
});
