/** The HTTP server: it gives tokens to guests, and the page to browsers. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { tokenOf } from './tokens.js';

/** The files of the page, which are no programs to compile. */
const PUBLIC = fileURLToPath(new URL('../../../examples/guests/public/', import.meta.url));

/** The server listens once it is told to; the gate will listen on it, too. */
export function createSite(key: Uint8Array): Server {
  let script: Promise<string> | undefined;

  const answer = async (url: URL, response: ServerResponse): Promise<void> => {
    if (url.pathname === '/') give(response, 'text/html', await readFile(`${PUBLIC}index.html`, 'utf8'));
    else if (url.pathname === '/page.js') give(response, 'text/javascript', await (script ??= bundle()));
    else if (url.pathname === '/token') give(response, 'text/plain', await tokenOf(url.searchParams.get('user') ?? '', key));
    else give(response, 'text/plain', undefined);
  };

  return createServer(({ url = '/' }, response) => {
    answer(new URL(url, 'http://site'), response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
}

function give(response: ServerResponse, type: string, text: string | undefined): void {
  response.writeHead(text === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' });
  response.end(text ?? 'there is nothing here');
}

/** The page's script with rxmp and rxjs in one file, as any bundler makes it. */
async function bundle(): Promise<string> {
  const { rolldown } = await import('rolldown');
  const build = await rolldown({ input: `${PUBLIC}page.js`, platform: 'browser', tsconfig: false, logLevel: 'silent' });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  await build.close();
  return output[0].code;
}
