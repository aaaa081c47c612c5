import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dist, ending, eventually, startChild, type Child } from '../process/children.js';
import { startChromium } from './chromium.js';

let browser: Browser;
let example: Child;
let urls: readonly string[];

beforeAll(async () => {
  example = startChild([dist('examples/guests/main.js'), '--stay'], { env: { TOKEN_LIFE: '5s' } });
  urls = await eventually('the addresses of the pages', () => {
    const found = [...example.stdout.matchAll(/^(?:ada|bob): (http\S+)$/gm)].map(([, url]) => url!);
    return found.length === 2 && found;
  });
  browser = await startChromium();
}, 60_000);
afterAll(() => browser.close());

/** Opens a page, and waits until it is connected and has something to show. */
async function open(url: string): Promise<Page> {
  const page = await browser.newPage();
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(error.message));
  await page.goto(url);
  await page.waitForFunction("document.getElementById('topic').textContent !== '' && document.getElementById('status').textContent === 'connected'");
  expect(failures).toEqual([]);
  return page;
}

/** What a page tells after a click, in one line. */
async function after(page: Page, button: string): Promise<string> {
  const lines = (): Promise<number> => page.locator('#log > div').count();
  const before = await lines();
  await page.click(`#${button}`);
  await page.waitForFunction(`document.querySelectorAll('#log > div').length > ${before}`);
  return (await page.locator('#log > div').first().textContent()) ?? '';
}

describe('G1, G3: the pages of the example', () => {
  it('may do what their tokens say and nothing else', { timeout: 30_000 }, async () => {
    const [ada, bob] = [await open(urls[0]!), await open(urls[1]!)];
    expect([await ada.textContent('#topic'), await bob.textContent('#topic')]).toEqual(['red: paint', 'blue: the sea']);
    await ada.waitForFunction("document.getElementById('here').textContent === 'ada, bob'");

    expect(await after(ada, 'count')).toBe('15 letters, for ada');
    expect(await after(ada, 'other-room')).toMatch(/forbidden: to watch "rooms:blue": that takes read\("rooms:blue"\)$/);
    expect(await after(ada, 'other-presence')).toBe('forbidden: to set "bob" in "presence": that takes write("presence", { key: "bob" })');
    expect(await after(ada, 'kill')).toMatch(/^forbidden: to kill .*, which it has not spawned$/);
    expect(await after(ada, 'meet')).toBe('bob has heard "nice to meet you"');
    expect(await bob.locator('#log').textContent()).toBe('ada says nice to meet you');

    await bob.close();
    await ada.waitForFunction("document.getElementById('here').textContent === 'ada'");
  });

  it('G7: show another token in time, without a break', { timeout: 30_000 }, async () => {
    const page = await open(urls[1]!);
    let tokens = 0;
    page.on('request', (request) => { if (request.url().includes('/token')) tokens++; });
    await page.evaluate("window.states = []; new MutationObserver(() => { states.push(document.getElementById('status').textContent); }).observe(document.getElementById('status'), { childList: true })");
    await eventually('three more tokens', () => tokens >= 3, 20_000);
    expect(await page.evaluate('states')).toEqual([]);
    expect(await after(page, 'count')).toBe('15 letters, for bob');
    await page.close();
  });

  it('G7: are told why they are sent away, and do not try again', { timeout: 30_000 }, async () => {
    const page = await open(urls[1]!);
    let tokens = 0;
    page.on('request', (request) => { if (request.url().includes('/token')) tokens++; });
    example.type('revoke bob bad manners');
    await page.waitForFunction("document.getElementById('status').textContent.startsWith('alone: ')");
    expect(await page.textContent('#status')).toContain('bad manners');
    const asked = tokens;
    await page.waitForTimeout(3_000);
    expect(tokens).toBe(asked);
    expect(await page.textContent('#status')).toContain('alone');
    example.kill('SIGINT');
    expect(await ending(example)).toMatchObject({ code: 0, stderr: '' });
  });
});
