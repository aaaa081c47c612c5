import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { eventually, startChild, type Child } from '../process/children.js';

/** The example as it was built. */
export const BOARD = fileURLToPath(new URL('../../examples/angular/', import.meta.url));

const SIZE = { width: 1_200, height: 760 };

/** A server of the example, which can be killed and started again at the same address with the same data. */
export interface BoardServer {
  readonly origin: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Starts the server with data of its own. All that it has ends with the test file. */
export async function startBoard(env: Readonly<Record<string, string>> = {}): Promise<BoardServer> {
  if (!existsSync(join(BOARD, 'dist/server/main.js'))) throw new Error('examples/angular is not built: npm run build:example');
  const folder = mkdtempSync(join(tmpdir(), 'board-'));
  const port = String(await freePort());
  let child: Child | undefined;
  const kill = async (): Promise<void> => {
    child?.kill('SIGKILL');
    await child?.ended;
  };
  const start = async (): Promise<void> => {
    const started = startChild([join(BOARD, 'dist/server/main.js')], { env: { PORT: port, DATA: folder, LIGHTS: '100', CHANGES: '10', ...env } });
    child = started;
    await eventually('the address of the board', () => started.stdout.includes('http://'), 20_000);
  };
  afterAll(async () => {
    await kill();
    rmSync(folder, { recursive: true });
  });
  await start();
  return { origin: `http://127.0.0.1:${port}`, kill, start };
}

/** A tab of somebody who has signed in. */
export interface Tab {
  readonly page: Page;
  /** What went wrong in it: errors, also those of the content security policy. */
  readonly errors: readonly string[];
  /** A card, in a column if one is said. */
  card(title: string, column?: string): ReturnType<Page['locator']>;
}

/** Opens the board in a browser of its own cookies, and signs in. */
export async function signIn(browser: Browser, origin: string, name: string, options: BrowserContextOptions = {}): Promise<Tab> {
  const context = await browser.newContext({ viewport: SIZE, ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto(origin);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Come in' }).click();
  await page.locator('.card').first().waitFor();
  return { page, errors, card: (title, column) => (column === undefined ? page : page.getByRole('region', { name: column })).locator('.card', { hasText: title }) };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
  return port;
}
