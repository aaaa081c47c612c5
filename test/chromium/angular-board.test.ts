import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, startBoard, type BoardServer, type Tab } from './board.js';
import { startChromium } from './chromium.js';

let browser: Browser;
let server: BoardServer;
let ada: Tab;
let bob: Tab;
beforeAll(async () => {
  [server, browser] = await Promise.all([startBoard(), startChromium()]);
  [ada, bob] = await Promise.all([signIn(browser, server.origin, 'Ada'), signIn(browser, server.origin, 'Bob')]);
}, 60_000);
afterAll(() => browser.close());

const people = (page: Page): Promise<string[]> => page.locator('.people li').allTextContents();
const banner = (page: Page) => page.locator('.banner', { hasText: 'The connection broke' });

/** Runs in a page: notes when a text gets into an element, as all clocks of this machine have it. */
function watch([selector, text]: readonly [string, string]): void {
  const { document, MutationObserver } = globalThis as unknown as {
    document: { querySelector(selector: string): { textContent: string } | null; body: unknown };
    MutationObserver: new (changed: () => void) => { observe(node: unknown, options: object): void; disconnect(): void };
  };
  const seen = new Promise<number>((resolve) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(selector)?.textContent.includes(text) !== true) return;
      observer.disconnect();
      resolve(Date.now());
    });
    observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  Object.assign(globalThis, { seen });
}

/** Runs in a page: presses a key at what has the focus; gives when. */
function press(key: string): number {
  const { document, KeyboardEvent } = globalThis as unknown as {
    document: { activeElement: { dispatchEvent(event: unknown): void } };
    KeyboardEvent: new (type: string, options: object) => unknown;
  };
  const now = Date.now();
  document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  return now;
}

describe('A9: two guests in two tabs', () => {
  it('see who is here, and what the other writes and says', async () => {
    for (const { page } of [ada, bob]) await expect.poll(() => people(page)).toEqual(['Ada', 'Bob']);
    await bob.page.getByLabel('Say something').fill('good morning');
    await ada.page.getByText('Bob is writing').waitFor();
    await bob.page.getByRole('button', { name: 'Say' }).click();
    for (const { page } of [ada, bob]) await page.getByRole('log').getByText('good morning').waitFor();
    await ada.page.getByText('Bob is writing').waitFor({ state: 'detached' });
    expect(await ada.page.getByRole('log').textContent()).toContain('Bob');
  });

  it('add, drag, move and remove cards, by mouse and by keys; the focus stays with the card', async () => {
    await ada.page.getByLabel('A new card').fill('buy tea');
    await ada.page.keyboard.press('Enter');
    await bob.card('buy tea', 'To do').waitFor();
    await bob.card('buy tea').dragTo(bob.page.getByRole('region', { name: 'Done' }));
    await ada.card('buy tea', 'Done').waitFor();
    expect(await ada.card('buy tea').textContent()).toContain('Bob');

    await ada.card('buy tea').focus();
    await ada.page.keyboard.press('ArrowLeft');
    await ada.card('buy tea', 'Doing').waitFor();
    await expect.poll(() => ada.page.locator(':focus').textContent()).toContain('buy tea');
    await ada.page.keyboard.press('Delete');
    await bob.card('buy tea').waitFor({ state: 'detached' });
  });

  it('cards that one moves are seen by the other within 100 ms', async () => {
    const times: number[] = [];
    await ada.card('Open this page').focus();
    for (let i = 0; i < 10; i++) {
      const [key, column] = i % 2 === 0 ? ['ArrowRight', 'Doing'] : ['ArrowLeft', 'To do'];
      await bob.page.evaluate(watch, [`[aria-label='${column}']`, 'Open this page'] as const);
      const pressed = await ada.page.evaluate(press, key);
      times.push((await bob.page.evaluate<number>('seen')) - pressed);
      await ada.card('Open this page', column).waitFor();
      await ada.card('Open this page', column).focus();
    }
    console.log(`cards are seen after ${times.sort((a, b) => a - b).join(', ')} ms`);
    expect(times[times.length / 2]).toBeLessThan(100);
  });
});

describe('A9: workers', () => {
  it('answer calls, are missed when they crash, and come back', { timeout: 60_000 }, async () => {
    const { page } = ada;
    await page.getByRole('link', { name: 'Workers' }).click();
    const second = page.locator('app-worker', { hasText: 'worker 2' });
    await second.getByRole('button', { name: 'Call it' }).click();
    await second.getByText('78498 prime numbers').waitFor();
    await page.getByRole('button', { name: '100 calls' }).click();
    await second.getByRole('button', { name: 'Crash it' }).click();
    await second.waitFor({ state: 'detached' });
    // its calls were made again, at the others
    await page.getByText('to go').waitFor({ state: 'detached' });
    await second.waitFor();
    await second.getByRole('button', { name: 'Call it' }).click();
    await second.getByText('78498 prime numbers').waitFor();
    await page.getByRole('link', { name: 'Cards' }).click();
  });
});

describe('A9: presence', () => {
  it('is gone within 1 s when a tab closes', async () => {
    const carol = await signIn(browser, server.origin, 'Carol');
    await ada.page.locator('.people', { hasText: 'Carol' }).waitFor();
    const gone = ada.page.locator('.people', { hasText: 'Carol' }).waitFor({ state: 'detached', timeout: 1_000 });
    const began = Date.now();
    await carol.page.close({ runBeforeUnload: true });
    await gone;
    console.log(`gone after ${Date.now() - began} ms`);
  });

  it('is gone within resumeTime when a tab crashes', { timeout: 60_000 }, async () => {
    const carol = await signIn(browser, server.origin, 'Carol');
    await ada.page.locator('.people', { hasText: 'Carol' }).waitFor();
    const began = Date.now();
    const gone = ada.page.locator('.people', { hasText: 'Carol' }).waitFor({ state: 'detached', timeout: 16_000 });
    await carol.page.goto('chrome://crash').catch(() => undefined);
    await gone;
    console.log(`gone after ${Date.now() - began} ms`);
    await carol.page.context().close();
  });
});

describe('A9: a server that is killed and started again', () => {
  it('leaves a banner, and then all is back without a reload', { timeout: 90_000 }, async () => {
    const { page } = ada;
    await page.evaluate('window.isOld = true');
    await server.kill();
    await banner(page).waitFor();
    expect(await ada.card('Open this page').count()).toBe(1);
    await server.start();
    const began = Date.now();
    await banner(page).waitFor({ state: 'hidden' });
    for (const tab of [ada, bob]) {
      await expect.poll(() => people(tab.page), { timeout: 20_000 }).toEqual(['Ada', 'Bob']);
      await expect.poll(() => tab.page.getByRole('button', { name: 'Say' }).isEnabled(), { timeout: 20_000 }).toBe(true);
    }
    console.log(`all is back ${Date.now() - began} ms after the server`);

    await bob.page.getByLabel('Say something').fill('are you there?');
    await bob.page.getByRole('button', { name: 'Say' }).click();
    await page.getByRole('log').getByText('are you there?').waitFor();
    await page.getByRole('log').getByText('good morning').waitFor();
    await bob.card('Open this page').focus();
    await bob.page.keyboard.press('ArrowRight');
    await ada.card('Open this page', 'Doing').waitFor();
    expect(await page.evaluate('isOld')).toBe(true);
  });
});

describe('A2: the policy script-src self', () => {
  it('is what the pages have, and nothing in them breaks it', async () => {
    const response = await ada.page.request.get(server.origin);
    expect(response.headers()['content-security-policy']).toContain("script-src 'self';");
    const isOfNetwork = (text: string): boolean => text.includes('WebSocket connection to');
    expect([ada, bob].map(({ errors }) => errors.filter((text) => !isOfNetwork(text)))).toEqual([[], []]);
  });
});
