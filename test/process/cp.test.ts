import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dist, ending, eventually, rxmp, startChild, startNode, type NodeChild } from './children.js';
import { envOf, SECRET } from './command-network.js';

const home = mkdtempSync(join(tmpdir(), 'rxmp-cp-'));
afterAll(() => { rmSync(home, { recursive: true, force: true }); });

const served = join(home, 'served');
const here = join(home, 'here');
for (const folder of [served, join(served, 'inner'), here, join(home, 'outside')]) mkdirSync(folder);

const serve = (nodeid: string, ...more: readonly string[]): Promise<NodeChild> =>
  startNode([...more, 'nodeid', nodeid, 'binds', '127.0.0.1:0'], { env: { RXMP_SECRET: SECRET } });
const media = await serve('media', '--files', served);
const env = envOf(media);
const cp = (...words: readonly string[]) => rxmp(['cp', ...words], { env });

/** A file that no part of it is like another, and its checksum. */
function make(path: string, size: number): string {
  const content = Buffer.alloc(size);
  for (let at = 0, block = createHash('sha256').update(path).digest(); at < size; at += block.length) {
    block = createHash('sha256').update(block).digest();
    block.copy(content, at);
  }
  writeFileSync(path, content);
  return createHash('sha256').update(content).digest('hex');
}
const sumOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
/** The most memory that a process has held, MB. */
const peakOf = (pid: number): number => Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const said = (text: string) => ({ code: 1, stdout: '', stderr: `rxmp: ${text}\n` });

describe('V17: rxmp cp', () => {
  it('copies a file to a node and back, with the checksum of both', async () => {
    const sum = make(join(here, 'a.bin'), 3_000_001);
    expect(await cp(join(here, 'a.bin'), 'media:')).toMatchObject({ code: 0, stderr: '', stdout: `media:a.bin\t3000001\tsha256 ${sum}\n` });
    expect(sumOf(join(served, 'a.bin'))).toBe(sum);
    expect(await cp('media:a.bin', join(here, 'b.bin'))).toMatchObject({ code: 0, stderr: '', stdout: `${join(here, 'b.bin')}\t3000001\tsha256 ${sum}\n` });
    expect(sumOf(join(here, 'b.bin'))).toBe(sum);
    // into folders, under the same name
    make(join(here, 'empty'), 0);
    expect((await cp(join(here, 'empty'), 'media:inner/')).code).toBe(0);
    mkdirSync(join(here, 'folder'));
    expect((await cp('media:inner/empty', join(here, 'folder'))).code).toBe(0);
    expect(statSync(join(here, 'folder', 'empty')).size).toBe(0);
    expect(existsSync(join(served, '.a.bin.part'))).toBe(false);
  });

  it('replaces no file, unless told to', async () => {
    make(join(here, 'old'), 10);
    const sum = make(join(here, 'new'), 20);
    await cp(join(here, 'old'), 'media:twice');
    expect(await cp(join(here, 'new'), 'media:twice')).toMatchObject(said('media:twice: there is a file of that name already (--force replaces it)'));
    expect(statSync(join(served, 'twice')).size).toBe(10);
    expect((await cp('--force', join(here, 'new'), 'media:twice')).code).toBe(0);
    expect(sumOf(join(served, 'twice'))).toBe(sum);
    expect(await cp('media:twice', join(here, 'old'))).toMatchObject({ code: 1, stderr: expect.stringContaining('there is a file of that name already') });
    expect(statSync(join(here, 'old')).size).toBe(10);
  });

  it('goes on where a transfer was broken off, in both directions; what does not fit is not used', async () => {
    const sum = make(join(here, 'long'), 2_000_000);
    const content = readFileSync(join(here, 'long'));
    writeFileSync(join(served, '.long.part'), content.subarray(0, 1_234_567));
    expect((await cp(join(here, 'long'), 'media:long')).stdout).toBe(`media:long\t2000000\tsha256 ${sum}\tresumed at 1234567\n`);
    expect(sumOf(join(served, 'long'))).toBe(sum);
    writeFileSync(join(here, '.back.part'), content.subarray(0, 5));
    expect((await cp('media:long', join(here, 'back'))).stdout).toContain('\tresumed at 5\n');
    expect(sumOf(join(here, 'back'))).toBe(sum);
    for (const [name, wrong] of [['other', Buffer.alloc(1_000, 'x')], ['longer', Buffer.alloc(3_000_000)]] as const) {
      writeFileSync(join(served, `.${name}.part`), wrong);
      expect((await cp(join(here, 'long'), `media:${name}`)).stdout).toBe(`media:${name}\t2000000\tsha256 ${sum}\n`);
      expect(sumOf(join(served, name))).toBe(sum);
    }
  });

  it('a command that was killed is gone on with; meanwhile nothing has the name; 200 MB take less than 160 MB at either end', async () => {
    const sum = make(join(here, 'large'), 200_000_000);
    const killed = startChild([dist('bundle/cli.js'), 'cp', join(here, 'large'), 'media:large'], { env });
    await eventually('some of it', () => existsSync(join(served, '.large.part')) && statSync(join(served, '.large.part')).size > 5_000_000);
    killed.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(join(served, 'large'))).toBe(false);
    const child = startChild([dist('bundle/cli.js'), 'cp', join(here, 'large'), 'media:large'], { env });
    let peak = 0;
    const watching = setInterval(() => {
      try {
        // of one that has ended, and is not gone yet, nothing is told
        peak = Math.max(peak, peakOf(child.pid) || 0);
      } catch {
        // it has ended
      }
    }, 20);
    const { code, stdout } = await ending(child, 60_000);
    clearInterval(watching);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(new RegExp(`^media:large\\t200000000\\tsha256 ${sum}\\tresumed at \\d{7,}\\n$`)) });
    expect(sumOf(join(served, 'large'))).toBe(sum);
    // Node.js itself takes some sixty
    expect(peakOf(media.pid)).toBeLessThan(160);
    expect(peak).toBeLessThan(160);
  }, 120_000);

  it('no name leaves the folder', async () => {
    make(join(here, 'x'), 5);
    const secret = make(join(home, 'outside', 'secret'), 5);
    symlinkSync(join(home, 'outside'), join(served, 'linked'));
    symlinkSync(join(home, 'outside', 'secret'), join(served, 'leak'));
    const names = ['../outside/secret', join(home, 'outside', 'secret'), 'linked/secret', 'leak', '.hidden', 'inner/../../outside/secret', 'inner//x', '..', 'inner', 'none', 'none/x', '.a.bin.part', '..\\outside\\secret'];
    for (const name of names) {
      const got = await cp(`media:${name}`, join(here, 'stolen'));
      expect({ name, ...got }).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^rxmp: media:.*: (a name is relative|it is not in the folder|it is no file|there is no such)/) });
    }
    for (const name of names.filter((wanted) => wanted !== 'none')) {
      const put = await cp(join(here, 'x'), `media:${name}`, '--force');
      expect({ name, code: put.code }).toEqual({ name, code: 1 });
    }
    expect(existsSync(join(here, 'stolen'))).toBe(false);
    expect(sumOf(join(home, 'outside', 'secret'))).toBe(secret);
    expect(existsSync(join(home, 'outside', 'x'))).toBe(false);
  }, 60_000);

  it('a node serves files only when it is told to, and says so', async () => {
    const silent = await serve('silent', 'seeds', media.addresses[0]!);
    make(join(here, 'y'), 5);
    expect(await rxmp(['cp', join(here, 'y'), 'silent:y'], { env: envOf(silent) })).toMatchObject(said('silent serves no files: start it with "rxmp run --files <folder>"'));
    expect(await rxmp(['run', '--files', join(home, 'nowhere'), 'nodeid', 'z'], { env })).toMatchObject({ code: 2, stderr: expect.stringContaining('expected a folder') });
  });

  it('says what was wrong with the words', async () => {
    expect(await cp('a', 'b')).toMatchObject({ code: 2, stderr: expect.stringContaining('one of the two files is here') });
    expect(await cp('media:a', 'other:b')).toMatchObject({ code: 2 });
    expect(await cp(join(here, 'not there'), 'media:')).toMatchObject({ code: 1, stderr: expect.stringContaining('there is no such file') });
    expect(await cp('nobody:a', join(here, 'c'), '--timeout', '2')).toMatchObject({ stderr: expect.stringMatching(/^rxmp: nobody (is unreachable|did not answer)/) });
  });
});
