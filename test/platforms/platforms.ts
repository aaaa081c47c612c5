import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { open, serve, startChromium } from '../chromium/chromium.js';
import { buildForBrowsers, buildForProcesses, path } from './build.js';
import type { Ground, Outcome } from './cases.js';

export type Outcomes = Readonly<Record<string, Outcome>>;

/** Somewhere that the cases run. */
export interface Platform {
  readonly name: string;
  version(): Promise<string>;
  run(ground: Ground): Promise<Outcomes>;
  /** Cases that only such platforms have. */
  readonly own: readonly string[];
}

/** What is built once for all platforms. */
export interface Built {
  readonly process: string;
  readonly site: Awaited<ReturnType<typeof serve>>;
  readonly workerd: string;
}

export async function build(): Promise<Built> {
  const [process, page, serviceWorker, workerd] = await Promise.all([
    buildForProcesses(),
    buildForBrowsers('page.ts', 'iife'),
    buildForBrowsers('service-worker.ts', 'iife'),
    buildForBrowsers('workerd.ts', 'esm'),
  ]);
  return { process, site: await serve(`${page}\nwindow.rxmp = true;`, { '/service-worker.js': serviceWorker }), workerd };
}

/** Is for processes alone. */
const ENDS = 'the process ends by itself';
/** How long that may take, ms. */
const LINGER = 3_000;
/** How long all cases of a platform may take, ms. */
const LONGEST = 120_000;

const installed = (program: string): string => path(`node_modules/${program}`);

/** What a program prints. It has to end by itself once it has printed the last line. */
function output(program: string, args: readonly string[]): Promise<{ readonly stdout: string; readonly ended: boolean }> {
  if (!existsSync(program)) throw new Error(`${program} is not there: npm ci in test/platforms installs it, on Linux with x64`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: path('../../dist/platforms'), stdio: ['ignore', 'pipe', 'pipe'] });
    const tooLong = setTimeout(() => { child.kill('SIGKILL'); }, LONGEST);
    let [stdout, stderr, ended] = ['', '', true];
    let lingering: NodeJS.Timeout | undefined;
    child.stderr.on('data', (chunk) => { stderr += String(chunk); });
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
      lingering ??= setTimeout(() => {
        ended = false;
        child.kill('SIGKILL');
      }, LINGER);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(tooLong);
      clearTimeout(lingering);
      if (stdout === '') reject(new Error(`${program} printed nothing (${String(code ?? signal)}): ${stderr.slice(-2_000)}`));
      else resolve({ stdout, ended });
    });
  });
}

const program = (name: string, file: string, args: readonly string[], built: Built): Platform => ({
  name,
  own: [ENDS],
  version: async () => (await output(file, ['--version'])).stdout.split('\n')[0]!.replace(/^(deno |v)|\s*\(.*$/g, ''),
  async run(ground) {
    const { stdout, ended } = await output(file, [...args, built.process, JSON.stringify(ground)]);
    return { ...(JSON.parse(stdout) as Outcomes), [ENDS]: ended ? null : `it was still there ${LINGER} ms later` };
  },
});

const inBrowser = (name: string, built: Built, run: (page: Page, ground: Ground) => Promise<Outcomes>): Platform => ({
  name,
  own: [],
  async version() {
    const browser = await startChromium();
    try {
      return browser.version();
    } finally {
      await browser.close();
    }
  },
  async run(ground) {
    const browser = await startChromium();
    try {
      return await run(await open(browser, built.site.origin), ground);
    } finally {
      await browser.close();
    }
  },
});

const workerd = (built: Built): Platform => {
  const node = installed('node-22-linux-x64/bin/node');
  return {
    name: 'workerd',
    own: [],
    version: async () => (await output(installed('workerd/bin/workerd'), ['--version'])).stdout.trim().replace(/^workerd /, ''),
    async run(ground) {
      const script = join(mkdtempSync(join(tmpdir(), 'rxmp-workerd-')), 'script.js');
      writeFileSync(script, built.workerd);
      return JSON.parse((await output(node, [path('miniflare.mjs'), script, JSON.stringify(ground)])).stdout) as Outcomes;
    },
  };
};

/** All platforms, in the order of the table. */
export function platforms(built: Built): readonly Platform[] {
  return [
    ...[20, 22, 24].map((version) => program(`Node.js ${version}`, installed(`node-${version}-linux-x64/bin/node`), [], built)),
    program('Bun', installed('@oven/bun-linux-x64/bin/bun'), ['run'], built),
    program('Deno', installed('@deno/linux-x64-glibc/deno'), ['run', '--allow-all', '--node-modules-dir=manual'], built),
    inBrowser('Chromium', built, (page, ground) => page.evaluate((given) => (globalThis as unknown as { runCases(ground: Ground): Promise<Outcomes> }).runCases(given), ground)),
    inBrowser('a service worker', built, (page, ground) => page.evaluate(askServiceWorker, ground)),
    workerd(built),
  ];
}

/** In the page: starts the service worker, and has it run the cases. */
function askServiceWorker(ground: Ground): Promise<Outcomes> {
  interface Workers { register(script: string): Promise<unknown>; readonly ready: Promise<{ readonly active: { postMessage(value: unknown, transfer: unknown[]): void } }> }
  const { serviceWorker } = (globalThis as unknown as { readonly navigator: { readonly serviceWorker: Workers } }).navigator;
  return serviceWorker.register('/service-worker.js').then(() => serviceWorker.ready).then(({ active }) => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    Object.assign(port1, { onmessage: ({ data }: { readonly data: Outcomes }) => { resolve(data); } });
    active.postMessage(ground, [port2]);
  }));
}
