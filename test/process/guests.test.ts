import { describe, expect, it } from 'vitest';
import { dist, ending, eventually, startChild } from './children.js';

const MAIN = dist('examples/guests/main.js');

describe('the example of guests', () => {
  it('G1, G3: plays by itself: what is forbidden says which right it would take', async () => {
    const child = startChild([MAIN]);
    const { code, stdout, stderr } = await ending(child, 30_000);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    const said = (step: string) => lines.find((line) => line.startsWith(step))?.slice(50);
    expect(said('ada: topic red')).toBe('paint');
    expect(said('ada: topic blue')).toBe('forbidden: to watch "rooms:blue": that takes read("rooms:blue")');
    expect(said('ada: enter bob')).toBe('forbidden: to set "bob" in "presence": that takes write("presence", { key: "bob" })');
    expect(said('ada: count')).toBe('15 letters, for ada');
    expect(lines.filter((line) => line.startsWith('ada: hello')).map((line) => line.slice(50))).toEqual([
      expect.stringMatching(/^forbidden: to use "guest:\S+": that takes send\("guest:\S+"\)$/),
      'bob has heard "nice to meet you"',
    ]);
    expect(stdout).toMatch(/\nright: yes\n/);
  }, 60_000);

  it('stays for pages until it is told to end', async () => {
    const child = startChild([MAIN, '--stay']);
    const url = await eventually('the address of a page', () => /^ada: (http\S+)$/m.exec(child.stdout)?.[1]);
    expect(await (await fetch(url)).text()).toContain('<title>A guest</title>');
    const [token, script, none] = await Promise.all(['/token?user=ada', '/page.js', '/token?user=eve'].map((path) => fetch(new URL(path, url))));
    expect((await token!.text()).split('.')).toHaveLength(3);
    expect([script!.status, script!.headers.get('content-type'), none!.status]).toEqual([200, 'text/javascript; charset=utf-8', 404]);
    child.kill('SIGTERM');
    expect(await ending(child)).toMatchObject({ code: 0, stderr: '' });
  }, 60_000);
});
