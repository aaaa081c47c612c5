import { createNode, webSocketTransport, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificate } from '../fixtures/certificates.js';
import { CANNOT } from './cannot.js';
import { CASES, type Ground } from './cases.js';
import { build, platforms, type Outcomes } from './platforms.js';
import { writeTable, type Column } from './table.js';

const built = await build();
const all = platforms(built);
const columns: Column[] = [];

let hub: MpNode;
let ground: Ground;
beforeAll(async () => {
  const secret = 'of the cases';
  hub = await createNode({
    ...{ nodeid: 'hub', binds: ['ws://127.0.0.1:0'], secret, resumeTime: 20_000, log: silentLog },
    transports: [webSocketTransport({ origins: [built.site.origin] })],
  });
  const port = hub.rcv(hub.port(), {
    double: (n: number, reply: string) => hub.snd(reply, 2 * n),
    echo: (value: unknown, reply: string) => hub.snd(reply, value),
  });
  hub.streams(port).subscribe(({ stream }) => { void stream.readable.pipeTo(stream.writable); });
  hub.dbReg('smoke:ports', port);
  ground = { hub: hub.addresses[0]!, secret, cert: await certificate({ hosts: ['127.0.0.1'] }) };
});
afterAll(async () => {
  await hub.close();
  await built.site.close();
  // only what was seen as a whole, and as it should be
  if (columns.length === all.length) writeTable(columns);
});

describe.each(all)('A11: $name', ({ name, version, run, own }) => {
  let outcomes: Outcomes;
  beforeAll(async () => {
    outcomes = await run(ground);
    columns.push({ name, version: await version(), outcomes });
  }, 150_000);

  it.each([...CASES.map((one) => one.name), ...own])('%s', (what) => {
    const outcome = outcomes[what];
    const expected = CANNOT[name]?.[what];
    if (expected === undefined) expect(outcome).toBeNull();
    else expect(outcome).toContain(expected);
  });
});
