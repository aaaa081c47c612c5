import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorld, type World } from '../../../marbles/world.js';
import { failureOf, octets } from './nodes.js';

let world: World;
beforeEach(() => { world = createWorld({ delay: 2 }); });
afterEach(() => world.close());

/** Lets the clock run, and promises go on in between. */
async function run(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10) {
    world.clock.runFor(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function start(advertise: { readonly advertise?: readonly string[] }) {
  const hub = await world.start('hub', { resumeTime: 3_000, ...advertise });
  const page = await world.start('page', { binds: [], seeds: ['memory://hub'], resumeTime: 3_000 });
  await run(1_000);
  const port = hub.port();
  const taken = firstValueFrom(hub.streams(port));
  const here = page.openStream(port);
  await run(300);
  return { hub, page, here, there: (await taken).stream };
}

describe('V9: a stream, when the connection of its nodes breaks and comes back', () => {
  it('goes on where it goes through that connection', async () => {
    const { here, there } = await start({ advertise: [] });
    expect(await here.opened).toBe('channel');
    const arrived: Uint8Array[] = [];
    const reading = there.readable.pipeTo(new WritableStream({ write(chunk) { arrived.push(chunk); } }));
    const writer = here.writable.getWriter();
    const writing = (async () => {
      for (let i = 0; i < 40; i++) await writer.write(octets(50_000, i));
      await writer.close();
    })();
    await run(30);
    const heal = world.network.cut('hub', 'page');
    await run(1_000);
    heal();
    await run(3_000);
    await Promise.all([reading, writing]);
    expect(Buffer.compare(Buffer.concat(arrived), Buffer.concat(Array.from({ length: 40 }, (_, i) => octets(50_000, i))))).toBe(0);
  });

  it('fails at both ends where it has one of its own: what was written to that is not kept', async () => {
    const { hub, page, here, there } = await start({});
    expect(await here.opened).toBe('direct');
    const failures = [failureOf(there.readable.pipeTo(new WritableStream())), failureOf(here.writable.getWriter().closed)];
    const heal = world.network.cut('hub', 'page');
    await run(500);
    heal();
    await run(2_000);
    expect(await failures[0]).toMatchObject({ code: expect.stringMatching(/PORT_DIED|STREAM_ABORTED/) });
    expect(await failures[1]).toMatchObject({ code: expect.stringMatching(/PORT_DIED|STREAM_ABORTED/) });
    expect([hub.nodeIsUp('page'), page.nodeIsUp('hub')]).toEqual([true, true]);
  });
});
