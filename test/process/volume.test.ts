import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { dist, ending, startChild } from './children.js';

it('S1: 1,000,000 messages of 100 octets from process to process over one TCP connection all arrive, in order', async () => {
  // the benchmark's receiver ends with a failure at the first message that is missing or out of order
  const bench = pathToFileURL(dist('bench/harness/pair.js')).href;
  const program = `
    import { oneWay } from '${bench}';
    const running = await oneWay('rxmp', 'rxmp', 'up').open();
    const perSecond = await running.run(1_000_000);
    await running.close();
    process.stdout.write(String(perSecond));
  `;
  const { stdout, stderr, code } = await ending(startChild(['--input-type=module', '-e', program]), 60_000);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(Number(stdout)).toBeGreaterThan(0);
}, 70_000);
