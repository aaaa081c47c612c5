import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createBar } from '../../../src/cli/files/bar.js';

/** What a bar has written. */
async function written(isTTY: boolean): Promise<string> {
  // what cli-progress asks of a terminal
  const terminal = Object.assign(new PassThrough(), { isTTY, columns: 120 });
  let text = '';
  terminal.on('data', (data: Buffer) => { text += data.toString(); });
  const bar = await createBar('video.mp4', terminal as never);
  bar.show(0, 200);
  bar.show(100, 200);
  bar.stop();
  await new Promise((resolve) => setImmediate(resolve));
  return text;
}

describe('V17: the bar of rxmp cp', () => {
  it('shows on a terminal how far it is', async () => {
    expect(await written(true)).toMatch(/video\.mp4 .*50 %, 100 of 200 bytes/s);
  });

  it('shows nothing elsewhere', async () => {
    expect(await written(false)).toBe('');
  });
});
