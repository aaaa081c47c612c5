import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signIn, startBoard, type BoardServer, type Tab } from './board.js';
import { startChromium } from './chromium.js';

/** `npm run screenshots` writes those of the documents anew. */
const IMAGES = process.env['SCREENSHOTS'] ?? 'node_modules/.cache/screenshots';

let browser: Browser;
let server: BoardServer;
let ada: Tab;
let bob: Tab;
beforeAll(async () => {
  mkdirSync(IMAGES, { recursive: true });
  [server, browser] = await Promise.all([startBoard({ LIGHTS: '10000', CHANGES: '100' }), startChromium()]);
  [ada, bob] = await Promise.all([signIn(browser, server.origin, 'Ada'), signIn(browser, server.origin, 'Bob', { colorScheme: 'dark' })]);
}, 60_000);
afterAll(() => browser.close());

const shoot = ({ page }: Tab, name: string): Promise<Buffer> => page.screenshot({ path: join(IMAGES, `board-${name}.png`), animations: 'disabled' });

/** Whether something stands out of the page to the right. */
const sticksOut = ({ page }: Tab): Promise<boolean> => page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');

async function say({ page }: Tab, text: string): Promise<void> {
  await page.getByLabel('Say something').fill(text);
  await page.getByRole('button', { name: 'Say' }).click();
  await ada.page.getByRole('log').getByText(text).waitFor();
}

describe('A9: how the board looks', () => {
  it('in light and dark, and on a phone', { timeout: 60_000 }, async () => {
    for (const title of ['Write to the printer', 'Order paper', 'Choose a colour for the door']) {
      await ada.page.getByLabel('A new card').fill(title);
      await ada.page.keyboard.press('Enter');
      await bob.card(title).waitFor();
    }
    for (const [title, keys] of [['Order paper', ['ArrowRight']], ['Write to the printer', ['ArrowRight', 'ArrowRight']]] as const) {
      for (const key of keys) {
        await bob.card(title).focus();
        await bob.page.keyboard.press(key);
        await bob.page.locator(':focus', { hasText: title }).waitFor();
        await bob.page.waitForTimeout(300);
      }
    }
    await say(bob, 'The printer has answered, it will be ready on Friday.');
    await say(ada, 'Very good. Shall we paint the door then?');
    await bob.page.getByLabel('Say something').fill('green');
    await ada.page.getByText('Bob is writing').waitFor();
    await shoot(ada, 'cards');
    expect([await sticksOut(ada), await sticksOut(bob)]).toEqual([false, false]);

    await bob.page.getByRole('link', { name: 'Workers' }).click();
    await bob.page.getByRole('button', { name: 'Call it' }).first().click();
    await bob.page.getByText('78498 prime numbers').waitFor();
    for (let i = 0; i < 3; i++) {
      await bob.page.getByRole('button', { name: '100 calls' }).click();
      await bob.page.getByText('to go').waitFor({ state: 'detached' });
      await bob.page.waitForTimeout(1_500);
    }
    await shoot(bob, 'workers');
    expect(await sticksOut(bob)).toBe(false);

    const carol = await signIn(browser, server.origin, 'Carol', { viewport: { width: 390, height: 844 } });
    await carol.page.getByRole('link', { name: 'Lights' }).click();
    await carol.page.locator('.lights p').nth(99).waitFor();
    expect(await sticksOut(carol)).toBe(false);
    await carol.page.getByRole('link', { name: 'Cards' }).click();
    await carol.page.getByText('Order paper').waitFor();
    expect(await sticksOut(carol)).toBe(false);
    await carol.page.context().close();
  });

  it('when its server is gone', { timeout: 60_000 }, async () => {
    await ada.page.locator('.people', { hasText: 'Carol' }).waitFor({ state: 'detached', timeout: 20_000 });
    await server.kill();
    await ada.page.locator('.banner').waitFor();
    await ada.page.waitForTimeout(500);
    await shoot(ada, 'banner');
    expect(await sticksOut(ada)).toBe(false);
  });
});
