import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { dist, ending, startChild } from './children.js';

it('S1: 1,000,000 messages of 100 octets from process to process over one TCP connection all arrive, in order', async () => {
  // the benchmark's receiver fails at the first message that is missing or out of order
  const bench = pathToFileURL(dist('bench/one-way.js')).href;
  const program = `
    import { oneWayContenders } from '${bench}';
    const [rxmp] = oneWayContenders(1_000_000);
    const { perSecond } = await rxmp.run();
    process.stdout.write(String(perSecond));
  `;
  const { stdout, stderr, code } = await ending(startChild(['--input-type=module', '-e', program]), 60_000);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(Number(stdout)).toBeGreaterThan(0);
}, 70_000);
