import { defineConfig } from 'vitest/config';

const here = (path: string): string => new URL(path, import.meta.url).pathname;

/** What needs a real nginx: `npm run test:nginx`. */
const NGINX = 'test/nginx/**/*.test.ts';

/** What needs a real Chromium: `npm run test:browser`. */
const CHROMIUM = 'test/chromium/**/*.test.ts';

/** What needs other engines than this one: `npm run platforms`. */
const PLATFORMS = 'test/platforms/**/*.test.ts';

/** What takes long: `npm run kept`. */
const LONG = 'test/long/**/*.test.ts';

/** What runs what is built, in processes, threads and broken copies. */
const BUILT = ['test/process/**/*.test.ts', 'test/simulation/runs-*.test.ts', 'test/simulation/mutants/*.test.ts'];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^rxmp$/, replacement: here('./src/index.ts') },
      { find: /^rxmp\/operators$/, replacement: here('./operators/index.ts') },
      { find: /^rxmp\/compat$/, replacement: here('./src/services/compat.ts') },
      { find: /^rxmp\/federation$/, replacement: here('./src/federation/index.ts') },
      { find: /^rxmp\/guests$/, replacement: here('./src/guests/index.ts') },
      { find: /^rxmp\/shared$/, replacement: here('./src/shared/index.ts') },
      { find: /^rxmp\/angular$/, replacement: here('./src/angular/index.ts') },
      { find: /^rxmp\/angular\/testing$/, replacement: here('./src/angular/testing/index.ts') },
      { find: /^rxmp\/testing$/, replacement: here('./src/testing/index.ts') },
    ],
  },
  test: {
    maxWorkers: 2,
    env: { RXMP_RC: '' }, // whatever its developer has configured
    execArgv: ['--expose-gc'], // for tests that measure memory
    reporters: ['default', 'json'],
    outputFile: { json: here('./node_modules/.cache/vitest.json') },
    projects: [
      {
        extends: true,
        test: {
          name: 'sources',
          include: ['test/**/*.test.ts', 'marbles/**/*.marbles.ts'],
          exclude: [...BUILT, NGINX, CHROMIUM, PLATFORMS, LONG],
          testTimeout: 20_000,
        },
      },
      { extends: true, test: { name: 'long', include: [LONG], globalSetup: './test/setup/build.ts', testTimeout: 3_600_000 } },
      { extends: true, test: { name: 'nginx', include: [NGINX], testTimeout: 20_000 } },
      { extends: true, test: { name: 'browser', include: [CHROMIUM], globalSetup: './test/setup/build.ts', testTimeout: 30_000 } },
      { extends: true, test: { name: 'platforms', include: [PLATFORMS], globalSetup: './test/setup/build.ts', testTimeout: 30_000 } },
      {
        // only these wait for the build
        extends: true,
        test: {
          name: 'processes',
          include: BUILT,
          globalSetup: './test/setup/build.ts',
          testTimeout: 30_000,
        },
      },
    ],
  },
});
