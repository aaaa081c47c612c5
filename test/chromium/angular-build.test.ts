import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { BOARD } from './board.js';

const folder = mkdtempSync(join(tmpdir(), 'board-build-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

const SPY = `
import { appendFileSync } from 'node:fs';
import net from 'node:net';
import dgram from 'node:dgram';
const tell = (what) => appendFileSync(${JSON.stringify(join(folder, 'opened'))}, what + '\\n');
for (const [type, name] of [[net.Socket, 'connect'], [net.Server, 'listen'], [dgram.Socket, 'bind']]) {
  const { [name]: original } = type.prototype;
  type.prototype[name] = function (...args) {
    tell(type.name + '.' + name);
    return original.apply(this, args);
  };
}
tell('spy');
`;

/** Runs a program, and all processes and threads that it starts, with a spy on sockets. */
async function spied(args: readonly string[]): Promise<{ code: number | null; output: string; opened: readonly string[] }> {
  writeFileSync(join(folder, 'spy.mjs'), SPY);
  writeFileSync(join(folder, 'opened'), '');
  const child = spawn(process.execPath, args, { cwd: BOARD, env: { ...process.env, NODE_OPTIONS: `--import=${pathToFileURL(join(folder, 'spy.mjs')).href}`, NG_CLI_ANALYTICS: 'false' }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 150_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text; });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output, opened: readFileSync(join(folder, 'opened'), 'utf8').trim().split('\n') };
}

describe('A6, A9: ng build with prerendering', () => {
  it('opens no socket, and ends; the pages that it has rendered hold no data', { timeout: 200_000 }, async () => {
    const control = await spied(['-e', "require('net').createServer().listen(0, () => process.exit())"]);
    expect(control.opened).toEqual(['spy', 'Server.listen']);

    const { code, output, opened } = await spied(['node_modules/@angular/cli/bin/ng.js', 'build', '--output-path', join(folder, 'app')]);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Prerendered 3 static routes') });
    expect(new Set(opened)).toEqual(new Set(['spy']));
    // in the build's own process, and in the threads that render
    expect(opened.length).toBeGreaterThan(1);
    expect(output).not.toMatch(/warning/i);

    const page = readFileSync(join(folder, 'app/browser/index.html'), 'utf8');
    expect(page).toContain('<h1>Board</h1>');
    // what the policy script-src 'self' would refuse
    expect(page).not.toMatch(/<script(?![^>]*(?:src=|type="application\/json"))/);
    expect(page).not.toMatch(/ on[a-z]+=/);
    expect(readdirSync(join(folder, 'app/browser'))).toEqual(expect.arrayContaining(['workers', 'lights']));
  });
});
