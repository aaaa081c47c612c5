import { createNode, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { slowWay, type SlowWay } from '../fixtures/slow-way.js';
import { ending, eventually, startNode, type NodeChild } from './children.js';

const SERVICE = fileURLToPath(new URL('service.mjs', import.meta.url));
const secret = 'of a hub that is flooded';

describe('S38: rxmp run says how much was lost when a signal ends it', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  /** `rxmp run` that has sent 20 MB to a hub, by a way that lets nothing through any more. */
  async function build(...options: readonly string[]): Promise<{ hub: MpNode; way: SlowWay; child: NodeChild; got: () => number }> {
    const hub = await createNode({ nodeid: 'hub', binds: ['127.0.0.1:0'], secret, log: silentLog, monitorTimeout: 600_000 });
    const way = await slowWay(Number(hub.addresses[0]?.split(':').pop()));
    open.push(way, hub);
    let flood: string | undefined;
    hub.dbMon('floods').subscribe(({ add }) => { flood = add[0] ?? flood; });
    const words = ['nodeid', 'child', 'binds', '', 'seeds', `127.0.0.1:${way.port}`, 'services', `${SERVICE}#flood`];
    const child = await startNode([...options, ...words], { env: { RXMP_SECRET: secret } });
    let got = 0;
    const sink = hub.port((text: string) => (got += text.length));
    const port = await eventually('the port of the child', () => flood);
    hub.snd(port, 'to', sink.id);
    way.rate(0);
    await eventually('what was sent', () => child.stderr.includes('sent\n'));
    return { hub, way, child, got: () => got };
  }

  it('after --close-timeout, with exit code 0, whatever the level of the log', async () => {
    const { child, way, got } = await build('--close-timeout', '300ms', '--log', 'silent');
    child.kill('SIGTERM');
    const { code, stderr } = await ending(child);
    const [, lost] = /^sent\nrxmp: (\d+) bytes for hub were not sent: they are lost\n$/.exec(stderr) ?? [];
    expect([code, Number(lost) > 10_000_000]).toEqual([0, true]);
    way.rate(Infinity);
    await expect.poll(() => got() + Number(lost), { timeout: 5_000 }).toBeGreaterThan(19_700_000);
    expect(got() + Number(lost)).toBeLessThan(20_400_000);
  });

  it('and nothing when all has left in that time', async () => {
    const { child, way, got } = await build('--close-timeout', '1m');
    child.kill('SIGTERM');
    way.rate(10_000_000);
    expect(await ending(child, 20_000)).toMatchObject({ code: 0, stderr: 'sent\n' });
    way.rate(Infinity);
    await expect.poll(got, { timeout: 5_000 }).toBe(20_000_000);
  });
});
