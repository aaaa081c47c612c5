import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import rxjsX from 'eslint-plugin-rxjs-x';
import tseslint from 'typescript-eslint';

// ---------------------------------------------------------------- floors

/** The house from the ground up. A floor imports itself and the floors before it in this list, nothing after it. */
const floors = [
  './src/env', // clock, random, log, limits
  './src/wire', // greeting, framing, requests: pure functions
  './src/transport', // duplexes and the handshake
  './src/channel', // duplexes over anything that keeps order
  './src/kernel', // ports, peers, monitors
  './src/network', // seeds, keep-alive, relaying
  './src/stream', // streams between ports
  './src/database', // families, shards, merge
  './src/federation', // patterns, bags, scopes
  './src/access', // rights, gates and guests
  './src/guests', // what users make gates with
  './src/services', // log catcher, data connections, observer
  './src/workers', // threads and pages as nodes
  './src/config', // profiles
  './src/*.ts', // node.ts and index.ts: a node put together, and the public face
  './src/shared', // one connection for all tabs
  './src/angular', // Angular's face of the public entries
  './src/cli', // the rxmp command
];

const above = floors.flatMap((floor, i) =>
  floors.slice(i + 1).map((from) => ({ target: floor, from, message: `${floor} must not know ${from}.` })),
);

/** Test helpers may import all of `src`, and nothing of `src` them. */
const aboveAll = floors.map((floor) => ({
  target: floor,
  from: './src/testing',
  message: 'Only tests use src/testing.',
}));

/** Whatever is outside `src` enters by a public door. */
const doors = ['./index.ts', './services/compat.ts', './federation/index.ts', './guests/index.ts', './shared/index.ts', './angular/index.ts', './angular/testing/index.ts', './testing/index.ts'];
const outside = [
  // the entries of both platforms have all of it
  { target: './operators', from: './src', except: ['./api.ts'] },
  { target: './src', from: './operators' },
  // by their names: pages and Node.js have other ones
  { target: './src/angular', from: './src', except: ['./angular'] },
  // the store of families is measured by itself
  { target: './bench', from: './src', except: [...doors, './database/core/family-store.ts'] },
  ...['./marbles', './examples'].map((target) => ({ target, from: './src', except: doors })),
  ...['./marbles', './bench', './examples'].flatMap((target) => [
    { target, from: './operators', except: ['./index.ts'] },
  ]),
].map((zone) => ({ ...zone, message: 'Import a public entry: rxmp, rxmp/operators, rxmp/compat, rxmp/federation, rxmp/guests, rxmp/shared, rxmp/angular or rxmp/testing.' }));

// ---------------------------------------------------------------- time, chance and the platform

const useClock = 'Time comes from the Clock of src/env.';
const useRandom = 'Chance comes from the Random of src/env.';

const ambientGlobals = [
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance', 'MessageChannel'].map((name) => ({
    name,
    message: useClock,
  })),
  { name: 'crypto', message: useRandom },
];

const ambientProperties = [
  { object: 'Date', property: 'now', message: useClock },
  { object: 'process', property: 'nextTick', message: useClock },
  { object: 'process', property: 'hrtime', message: useClock },
  { object: 'AbortSignal', property: 'timeout', message: useClock },
  { object: 'Math', property: 'random', message: useRandom },
];

const call = (name, ...conditions) => `CallExpression[callee.name='${name}']${conditions.join('')}`;
const oneArgument = '[arguments.length=1]';

/** The operators of RxJS that fall back on real time when no scheduler is given. */
const hiddenTime = [
  ...['timer', 'interval', 'delay', 'debounceTime', 'throttleTime', 'auditTime', 'sampleTime', 'bufferTime']
    .concat('windowTime')
    .map((name) => call(name, oneArgument)),
  call('timer', '[arguments.length=2][arguments.1.type="Literal"]'),
  call('timeout', oneArgument, ':not(:has(Property[key.name="scheduler"]))'),
  ...['retry', 'repeat'].map((name) =>
    call(name, ' > ObjectExpression > Property[key.name="delay"]:not(:has(> :function, > CallExpression.value))'),
  ),
  ...['timestamp', 'timeInterval'].map((name) => call(name, '[arguments.length=0]')),
  call('shareReplay', '[arguments.length=2]'),
  'NewExpression[callee.name="ReplaySubject"][arguments.length=2]',
].map((selector) => ({ selector, message: `Pass the clock as scheduler. ${useClock}` }));

const ambientSyntax = [
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: useClock },
  { selector: 'CallExpression[callee.name="Date"]', message: useClock },
  {
    selector: 'CallExpression[callee.property.name="now"]:matches([callee.object.name=/[cC]lock$/], [callee.object.property.name="clock"])',
    message: 'Durations come from clock.monotonic(): somebody may set the clock of now() back (S37).',
  },
  ...hiddenTime,
];

const ambientSchedulers = {
  name: 'rxjs',
  importNames: [
    ...['asyncScheduler', 'asapScheduler', 'queueScheduler', 'animationFrameScheduler'],
    ...['async', 'asap', 'queue', 'animationFrame', 'animationFrames'],
  ],
  message: useClock,
};

/** Modules of Node.js by name, however written: `net`, `node:net`, `node:timers/promises`. */
const builtins = (names) => `^(node:)?(${names.join('|')})(/.*)?$`;
const noAmbientModules = {
  regex: builtins(['timers', 'crypto', 'perf_hooks']),
  message: `${useClock} ${useRandom}`,
};
const noPlatform = {
  regex: `^node:|${builtins(builtinModules.filter((name) => !name.startsWith('_')))}|^ws(/.*)?$`,
  message: 'Only the transports know the platform.',
};
const noWebSocket = { regex: '^ws(/.*)?$', message: 'Only src/transport/websocket*.ts know ws.' };

/** A rule's options replace those of an earlier block: so each block names all that it bans. */
const imports = (...patterns) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { paths: [ambientSchedulers], patterns }],
});

// ---------------------------------------------------------------- the configuration

const typescript = ['**/*.ts'];
const product = ['src/**/*.ts', 'operators/**/*.ts'];
const off = (...names) => Object.fromEntries(names.map((name) => [name, 'off']));

export default defineConfig(
  // the example is a project of its own, with another TypeScript
  { ignores: ['dist/**', 'coverage/**', 'examples/angular/**'] },
  {
    rules: {
      'eqeqeq': 'error',
      'no-constant-binary-expression': 'error',
      'no-self-compare': 'error',
      'no-unreachable': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-rename': 'error',
      'object-shorthand': 'error',
    },
  },
  {
    name: 'rxmp/types',
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // what a stream or a promise failed with has no type
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      ...off(
        '@typescript-eslint/no-empty-function',
        // takes a variable that a callback changes for a constant
        '@typescript-eslint/no-unnecessary-condition',
        '@typescript-eslint/no-unnecessary-type-parameters',
        // wants the very "!" that no-non-null-assertion refuses
        '@typescript-eslint/non-nullable-type-assertion-style',
        // objects here are made by functions and have no `this`: their methods may be taken apart
        '@typescript-eslint/unbound-method',
        // overloads that could be one are often easier to read apart
        '@typescript-eslint/unified-signatures',
      ),
    },
  },
  {
    name: 'rxmp/streams',
    files: typescript,
    extends: [rxjsX.configs.recommended],
    rules: {
      'rxjs-x/no-floating-observables': 'error',
      'rxjs-x/no-misused-observables': 'error',
    },
  },
  {
    name: 'rxmp/floors',
    files: typescript,
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.js'],
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js', '.json'],
          extensionAlias: { '.js': ['.ts', '.js'] },
        }),
      ],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': [
        'error',
        { basePath: import.meta.dirname, zones: [...above, ...aboveAll, ...outside] },
      ],
    },
  },
  {
    name: 'rxmp/environment',
    files: product,
    ignores: ['src/env/**', 'src/cli/**'],
    rules: {
      'no-restricted-globals': ['error', { globals: ambientGlobals, checkGlobalObject: true }],
      'no-restricted-properties': ['error', ...ambientProperties],
      'no-restricted-syntax': ['error', ...ambientSyntax],
      ...imports(noPlatform),
    },
  },
  {
    name: 'rxmp/wire-is-pure',
    files: ['src/wire/**'],
    rules: imports(
      noPlatform,
      { regex: '^rxjs(/.*)?$', message: 'src/wire is pure: no streams.' },
      { regex: '/env/', allowTypeImports: true, message: 'src/wire is pure: it takes only types from src/env.' },
    ),
  },
  {
    name: 'rxmp/cores-are-pure',
    files: ['src/*/core/**'],
    rules: imports(noPlatform, { regex: '^rxjs(/.*)?$', message: 'A core knows no streams: RxJS is one face of it (A12).' }),
  },
  {
    name: 'rxmp/entry-of-node-js',
    files: ['src/node.ts'],
    rules: imports({
      regex: builtins(builtinModules.filter((name) => !name.startsWith('_') && !['path', 'url'].includes(name))),
      message: 'A service is found by its path, and needs no more of the platform.',
    }),
  },
  {
    name: 'rxmp/files-of-the-configuration',
    files: ['src/config/*.ts'],
    rules: {
      ...imports({ regex: builtins(builtinModules.filter((name) => !name.startsWith('_') && !['fs', 'fs/promises', 'os', 'path'].includes(name))), message: 'The configuration is a file, and needs no more of the platform.' }),
      // of the process that changes the file, and whose environment says where it is
      'no-restricted-globals': 'off',
    },
  },
  {
    name: 'rxmp/sockets',
    files: ['src/transport/{tcp,door,open-files,socket-duplex,websocket,websocket-duplex,websocket-client,websocket-server,websocket-attached,websocket-upgrades,websocket-settings,visitors,proxied,proxy-header,forwarded,interfaces,lookup,tls-stream,tls-listener}.ts'],
    rules: imports(noAmbientModules),
  },
  {
    name: 'rxmp/certificates',
    files: ['src/transport/{tls,tls-credentials,tls-failure}.ts'],
    rules: imports(
      { regex: builtins(['timers', 'perf_hooks']), message: useClock },
      { regex: builtins(['crypto']), allowImportNames: ['constants', 'createPrivateKey', 'X509Certificate'], message: useRandom },
    ),
  },
  {
    name: 'rxmp/testing',
    files: ['src/testing/**'],
    rules: imports(noAmbientModules, noWebSocket),
  },
  {
    name: 'rxmp/silence',
    files: product,
    ignores: ['src/cli/**', 'src/env/console-log.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    name: 'rxmp/tests',
    files: ['test/**', 'marbles/**', 'bench/**', 'examples/**'],
    rules: off(
      '@typescript-eslint/no-base-to-string',
      '@typescript-eslint/no-non-null-assertion',
      '@typescript-eslint/no-unsafe-argument',
      '@typescript-eslint/no-unsafe-assignment',
      '@typescript-eslint/no-unsafe-call',
      '@typescript-eslint/no-unsafe-member-access',
      '@typescript-eslint/no-unsafe-return',
      '@typescript-eslint/only-throw-error',
      '@typescript-eslint/require-await',
      'rxjs-x/no-nested-subscribe',
    ),
  },
);
