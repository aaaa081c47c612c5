import { connect } from 'node:net';
import { createNode, type Logger } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

const COUNT = 20;

/** What a node logs of visitors that come one after the other, each saying something, or nothing, before it goes. */
async function visited(scheme: string, words: string | undefined): Promise<readonly string[]> {
  const lines: string[] = [];
  const at = (level: string): Logger['warn'] => (_details, text) => lines.push(`${level} ${text}`);
  const log: Logger = { ...silentLog, info: at('info'), warn: at('warn'), error: at('error') };
  await using node = await createNode({ binds: [`${scheme}127.0.0.1:0`], secret: 'a secret of health checks', log });
  const port = Number(/:(\d+)$/.exec(node.addresses[0] ?? '')?.[1]);
  for (let i = 0; i < COUNT; i++) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => (words === undefined ? socket.end() : socket.end(words)));
      socket.on('error', () => undefined);
      socket.resume();
      socket.once('close', () => { resolve(); });
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  return lines;
}

describe('what strangers cause in the log', () => {
  it.each(['', 'ws://'])('a connection that says nothing, as of a health check, is no line (%s)', async (scheme) => {
    expect(await visited(scheme, undefined)).toEqual([]);
  });

  it('garbage is one line in limits.refusalLog, whoever sends it', async () => {
    const lines = await visited('', 'GET / HTTP/1.1\n\n');
    expect(lines).toEqual([expect.stringMatching(/^warn connection from 127\.0\.0\.1:\d+ failed: /)]);
  });
});
