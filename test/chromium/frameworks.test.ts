import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProxy } from '../process/chaos-proxy.js';
import { startChild, type Child } from '../process/children.js';
import { clean, typeErrors } from '../process/doc-examples.js';
import { freePort } from './board.js';
import { bundle, startChromium } from './chromium.js';
import { startTabs } from './tabs.js';

const DOCUMENT = readFileSync(new URL('../../docs/frameworks.md', import.meta.url), 'utf8');
const program = (language: string): string => new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(DOCUMENT)?.[1] ?? '';
/** The times of the document are for users; a test need not wait as long. */
const hasty = (code: string): string => code.replace('resumeTime: 15_000', 'resumeTime: 1_000, monitorTimeout: 3_000');

let browser: Browser;
beforeAll(async () => { browser = await startChromium(); }, 30_000);
afterAll(async () => {
  await browser.close();
  clean();
});

it('A10: the programs of docs/frameworks.md have the types that they use, and are short', { timeout: 60_000 }, () => {
  const programs = ['ts', 'tsx'].map((language) => ({ name: `docs/frameworks.md.${language}`, code: program(language) }));
  expect(typeErrors(programs, { lib: ['ES2023', 'ES2024.String', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'], jsx: 'react-jsx' })).toEqual([]);
  for (const { code } of programs) expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThan(36);
});

/** The server and one of the pages of the document, and for one visitor a network that can fail. */
async function start(language: 'ts' | 'tsx') {
  const folder = mkdtempSync(fileURLToPath(new URL('../../dist/frameworks-', import.meta.url)));
  writeFileSync(`${folder}/server.mjs`, hasty(program('js')));
  writeFileSync(`${folder}/page.${language}`, hasty(program(language)));
  writeFileSync(`${folder}/page.js`, await bundle(`${folder}/page.${language}`));
  const port = await freePort();
  let server: Child;
  const run = (): void => { server = startChild([`${folder}/server.mjs`], { env: { PORT: String(port) }, cwd: folder }); };
  run();
  let isThere = false;
  while (!isThere) isThere = await fetch(`http://127.0.0.1:${port}`).then(() => true, () => wait(100, false));
  const proxy = await startProxy(`127.0.0.1:${port}`);
  const visit = async (name: string, address: string): Promise<Page> => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`http://${address}/?name=${name}`);
    return page;
  };
  const [ada, bob] = [await visit('Ada', proxy.address), await visit('Bob', `127.0.0.1:${port}`)];
  return {
    ...{ ada, bob, proxy, run, address: `127.0.0.1:${port}` },
    kill: async (): Promise<void> => {
      server.kill('SIGKILL');
      await server.ended;
    },
    close: async (): Promise<void> => {
      for (const page of [ada, bob]) await page.context().close();
      server.kill('SIGKILL');
      await server.ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const people = (page: Page) => expect.poll(() => page.locator('p').textContent(), { timeout: 20_000 });

/** Says something until somebody hears it: whoever has just come back may not be in the room yet. */
async function talk(from: Page, to: Page, text: string): Promise<void> {
  const heard = (): Promise<boolean> => to.locator('pre').textContent().then((all) => all?.includes(text) === true);
  await from.locator('input').fill(text);
  await expect.poll(async () => {
    await from.locator('input').press('Enter');
    await from.locator('input').fill(text);
    return heard();
  }, { timeout: 20_000, interval: 500 }).toBe(true);
}

/** So long that the server gives the page up: `monitorTimeout` and `resumeTime`. */
const LONG = 7_000;

/** Runs in the page: nothing else does, for some time. */
function block(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

describe.each([['plain TypeScript', 'ts'], ['React', 'tsx']] as const)('A10, V12a: the page in %s', (_, language) => {
  let site: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => { site = await start(language); }, 60_000);
  afterAll(() => site.close());

  it('shows who is here, and what is said', { timeout: 30_000 }, async () => {
    for (const page of [site.ada, site.bob]) await people(page).toBe('Ada, Bob');
    await talk(site.ada, site.bob, 'good morning');
    expect(await site.bob.locator('pre').textContent()).toContain('Ada: good morning');
  });

  it.each([
    ['its main thread was blocked', async ({ ada }: typeof site) => { await ada.evaluate(block, LONG); }],
    ['it was offline', async ({ ada, proxy }: typeof site) => {
      await ada.context().setOffline(true);
      proxy.cut();
      await wait(LONG);
      proxy.heal();
      await ada.context().setOffline(false);
    }],
  ] as const)('is in the room again after %s', { timeout: 60_000 }, async (what, harm) => {
    const gone = people(site.bob).toBe('Bob');
    const harmed = harm(site);
    await gone;
    await harmed;
    const began = Date.now();
    await people(site.bob).toBe('Ada, Bob');
    await talk(site.bob, site.ada, `after ${what}`);
    console.log(`after ${what}: back within ${Date.now() - began} ms`);
  });

  it('is in the room again after it was frozen', { timeout: 60_000 }, async () => {
    const tabs = await startTabs();
    try {
      const eve = await tabs.open(`http://${site.address}/?name=Eve`, "document.querySelector('pre') !== null");
      await people(site.bob).toBe('Ada, Bob, Eve');
      await tabs.open(`http://${site.address}`, "document.querySelector('pre') !== null");
      await people(site.bob).toBe('Ada, Bob, Eve, somebody');
      await eve.freeze();
      await people(site.bob).toBe('Ada, Bob, somebody');
      await eve.thaw();
      const began = Date.now();
      await people(site.bob).toBe('Ada, Bob, Eve, somebody');
      const heard = eve.until("document.querySelector('pre').textContent.includes('after the freezer')", 20_000);
      await talk(site.bob, site.ada, 'after the freezer');
      await heard;
      console.log(`after it was frozen: back within ${Date.now() - began} ms`);
    } finally {
      await tabs.close();
    }
    await people(site.bob).toBe('Ada, Bob');
  });

  it('is in the room again after its server was killed and started again', { timeout: 60_000 }, async () => {
    await site.kill();
    await wait(2_000);
    site.run();
    const began = Date.now();
    await talk(site.bob, site.ada, 'after a restart');
    await people(site.ada).toBe('Ada, Bob');
    console.log(`after its server was started again: back within ${Date.now() - began} ms`);
  });
});
