import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { rolldown } from 'rolldown';

/** Where Debian, and others, have it. */
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
export const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** The browser's program, which `CHROMIUM` may say; undefined: it is not installed. */
export const chromiumPath = (): string | undefined => process.env['CHROMIUM'] ?? PATHS.find((path) => existsSync(path));

/** Starts the browser, for which a name may stand for this machine, and which trusts a certificate that nobody has signed. */
export function startChromium(name?: string, trusted?: string): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('these tests need Chromium: apt-get install chromium, or CHROMIUM=<path>');
  const names = name === undefined ? [] : [`--host-resolver-rules=MAP ${name} 127.0.0.1`];
  const certificates = trusted === undefined ? [] : [`--ignore-certificate-errors-spki-list=${fingerprint(trusted)}`];
  return chromium.launch({ executablePath, args: [...FLAGS, ...names, ...certificates] });
}

/** Of the key of a certificate, as the browser writes it. */
const fingerprint = (cert: string): string =>
  createHash('sha256').update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })).digest('base64');

const built = (entry: string): string => fileURLToPath(new URL(`../../dist/bundle/${entry}.js`, import.meta.url));

/** What a page loads: rxmp as browsers get it, with rxjs, as one module. */
export const bundleForPages = (): Promise<string> => bundle(fileURLToPath(new URL('page.ts', import.meta.url)));

/** A program for pages with all that it imports, as one module. */
export async function bundle(input: string): Promise<string> {
  const made = await rolldown({
    input,
    platform: 'browser',
    // which has another place for rxmp
    tsconfig: false,
    resolve: { conditionNames: ['browser', 'import', 'default'], alias: { 'rxmp/operators': built('operators'), 'rxmp/shared': built('shared'), rxmp: built('browser') } },
    transform: { jsx: 'react-jsx', define: { 'process.env.NODE_ENV': '"production"' } },
    logLevel: 'silent',
  });
  const { output } = await made.generate({ format: 'esm', codeSplitting: false });
  await made.close();
  return output[0].code;
}

/** A script, or what gives a text each time; undefined: there is nothing now. */
type Content = string | (() => string | undefined);

/** A site with one page, which has rxmp in its window; `others` is what there is besides, by path; `cert`: a key and its certificate, for `https://`. */
export async function serve(script: string, others: Readonly<Record<string, Content>> = {}, cert?: string) {
  const contents = new Map<string, Content>([['/page.js', script], ...Object.entries(others)]);
  const answer: RequestListener = ({ url = '' }, response) => {
    const content = contents.get(url);
    const text = typeof content === 'function' ? content() : content;
    if (content !== undefined && text === undefined) response.statusCode = 404;
    response.setHeader('content-type', content === undefined ? 'text/html' : 'text/javascript');
    response.end(content === undefined ? '<!doctype html><title>rxmp</title><script type="module" src="/page.js"></script>' : text);
  };
  const server = cert === undefined ? createServer(answer) : createSecureServer({ cert, key: cert }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    origin: `${cert === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise<void>((resolve) => {
      server.close(() => { resolve(); });
      server.closeAllConnections();
    }),
  };
}

/** Opens the page and waits until its script has run. */
export async function open(browser: Browser, origin: string): Promise<Page> {
  const page = await browser.newPage();
  const failed = new Promise<never>((_, reject) => { page.once('pageerror', reject); });
  await page.goto(origin);
  await Promise.race([failed, page.waitForFunction('window.rxmp !== undefined')]);
  return page;
}
