import { build } from 'rolldown';

/**
 * The second step of `npm run build`: joins the modules of the package to a few files, since to read a hundred and thirty small
 * ones is a third of the start of a node. All entries are made at once, so that each class is in one file, whichever entry it
 * is imported by.
 */
await build({
  input: {
    index: 'src/index.ts',
    browser: 'src/browser.ts',
    operators: 'operators/index.ts',
    compat: 'src/services/compat.ts',
    federation: 'src/federation/index.ts',
    guests: 'src/guests/index.ts',
    shared: 'src/shared/index.ts',
    angular: 'src/angular/index.ts',
    'angular-testing': 'src/angular/testing/index.ts',
    testing: 'src/testing/index.ts',
    cli: 'src/cli/main.ts',
  },
  // what is installed stays what it is
  external: /^[^./]/,
  // but cbor-x: package.json has another build of it for pages, which makes no code of text
  platform: 'neutral',
  output: { dir: 'dist/bundle', cleanDir: true, sourcemap: true, chunkFileNames: 'shared/[name].js', paths: { 'cbor-x': '#cbor-x' } },
});
