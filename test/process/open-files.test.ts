import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

const child = fileURLToPath(new URL('open-files-child.mjs', import.meta.url));
const FILES = 200;

describe('a process that may open few files', () => {
  it('holds no more connections than it can, and its other listener goes on (limits.connections)', async () => {
    const hub = spawn('sh', ['-c', `ulimit -n ${FILES} && exec "$0" "$1"`, process.execPath, child], { stdio: ['pipe', 'pipe', 'inherit'] });
    const gone = once(hub, 'close');
    let output = '';
    hub.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await expect.poll(() => output, { timeout: 10_000 }).toMatch(/^addresses .*\n/m);
    const [ws = '', tcp = ''] = /^addresses (\S+) (\S+)$/m.exec(output)?.slice(1) ?? [];

    const idle: Socket[] = [];
    let open = 0;
    for (let i = 0; i < FILES + 100; i++) {
      const socket = connect({ port: Number(/:(\d+)$/.exec(ws)?.[1]), host: '127.0.0.1', localAddress: `127.0.0.${2 + (i % 4)}` }, () => open++);
      socket.on('error', () => undefined);
      socket.once('close', () => open--);
      socket.resume();
      idle.push(socket);
    }
    // 64 files stay free, and each listener has half of the others
    await expect.poll(() => open, { timeout: 5_000 }).toBe((FILES - 64) / 2);
    for (const address of [tcp, ws]) {
      const start = performance.now();
      const leaf = await createNode({ secret: 'a secret of few files', seeds: [address], log: silentLog });
      await expect.poll(() => leaf.nodeIsUp('hub'), { timeout: 5_000 }).toBe(true);
      expect(performance.now() - start).toBeLessThan(2_000);
      await leaf.close();
    }
    // one line for all that were refused
    expect(output.match(/^warn refused/gm)?.length).toBe(1);
    for (const socket of idle) socket.destroy();
    hub.stdin.end();
    await gone;
  });
});
