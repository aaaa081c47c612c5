/** The HTTP server: the built pages, with a strict policy of what they may load and run, and who is signed in. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Session, Sessions } from './sessions.js';

const APP = fileURLToPath(new URL('../app/browser/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const HEADERS = {
  'content-security-policy': "default-src 'self'; script-src 'self'; style-src 'self'; base-uri 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
const COOKIE = 'board-session';
const MONTH = 30 * 24 * 60 * 60;
const LONGEST_BODY = 1_000;

export function createSite(sessions: Sessions): Server {
  const sessionOf = async (request: IncomingMessage): Promise<Session | undefined> => {
    const [, text] = new RegExp(`(?:^|; )${COOKIE}=([^;]*)`).exec(request.headers.cookie ?? '') ?? [];
    return text === undefined ? undefined : sessions.find(text);
  };

  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>> = {
    'GET /session': async (request, response) => {
      const session = await sessionOf(request);
      answer(response, 200, JSON.stringify({ name: session?.name }), 'application/json');
    },
    'POST /session': async (request, response) => {
      const name = (await bodyOf(request)).trim();
      if (name === '' || name.length > 30) return answer(response, 400, 'a name has 1 to 30 characters');
      response.setHeader('set-cookie', cookie(await sessions.begin(name), MONTH));
      answer(response, 204);
    },
    'DELETE /session': async (_, response) => {
      response.setHeader('set-cookie', cookie('', 0));
      answer(response, 204);
    },
    'POST /ticket': async (request, response) => {
      const session = await sessionOf(request);
      if (session === undefined) return answer(response, 401, 'please sign in');
      answer(response, 200, await sessions.ticket(session));
    },
  };

  return createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site');
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const route = routes[`${request.method} ${pathname}`];
    if (route === undefined) {
      giveFile(pathname, response);
      return;
    }
    route(request, response).catch((error: unknown) => {
      console.error(error);
      answer(response, 500, 'something went wrong');
    });
  });
}

/** Files have names that change with their content; pages have none, so they are asked for each time. */
function giveFile(pathname: string, response: ServerResponse): void {
  const found = [pathname, `${pathname}/index.html`].map((name) => join(APP, normalize(name))).find((path) => existsSync(path) && statSync(path).isFile());
  if (found === undefined) return answer(response, 404, 'there is nothing here');
  const type = extname(found);
  answer(response, 200, readFileSync(found), TYPES[type], type === '.html' ? 'no-cache' : 'max-age=31536000, immutable');
}

function answer(response: ServerResponse, status: number, body?: string | Uint8Array, type = 'text/plain', caching = 'no-store'): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': caching }).end(body);
}

const cookie = (value: string, seconds: number): string => `${COOKIE}=${value}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Strict`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > LONGEST_BODY) throw new Error('that is too long');
  }
  return body;
}
