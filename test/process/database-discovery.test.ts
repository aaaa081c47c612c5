import type { PortId, Reason } from 'rxmp';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { claimPort } from '../fixtures/port.js';
import { startDatabaseNode, untilCalm, type DatabaseNode, type DatabaseNodeOptions, type Look } from './database-nodes.js';

/** For a machine that is busy with other things; alone, each test takes a second or two. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const common: DatabaseNodeOptions = { secret: 'real discovery', monitorTimeout: 3_000 };
const TCP = '127.0.0.1:0';
const WEB = 'ws://127.0.0.1:0';
/** What the nodes set when they are there, and watch to know who is. */
const FAMILY = 'present';

const started: DatabaseNode[] = [];
let seed: DatabaseNode;
/** A private node. */
let one: DatabaseNode;

/** Starts a node that sets its own id; what a node knows of it when this has arrived includes where it listens. */
async function start(options: DatabaseNodeOptions): Promise<DatabaseNode> {
  const node = await startDatabaseNode({ ...common, ...options });
  started.push(node);
  await node.ask('apply', [['set', FAMILY, node.id, true]], true);
  return node;
}

/** Waits until `node` sees that the others are there. */
const untilPresent = (node: DatabaseNode, others: readonly DatabaseNode[]): Promise<void> =>
  untilCalm(`${others.map(({ id }) => id).join()} at ${node.id}`, async () => {
    const { keys } = await node.ask<Look>('look', FAMILY);
    return others.every(({ id }) => keys.includes(id)) ? undefined : `there are only ${keys.join()}`;
  }, 1);

/** The reasons that the monitors of a port have given. */
async function reasonsOf(node: DatabaseNode, port: string): Promise<readonly Reason[]> {
  let reasons: readonly Reason[] = [];
  await untilCalm(`a monitor of ${port}`, async () => {
    const fired = await node.ask<readonly [string, readonly Reason[]][]>('fired');
    reasons = fired.filter(([of]) => of === port).flatMap(([, given]) => given);
    return reasons.length > 0 ? undefined : 'it has not fired';
  });
  return reasons;
}

beforeAll(async () => {
  seed = await start({ binds: [TCP] });
  one = await start({ seeds: seed.addresses });
  await untilPresent(one, [seed]);
});

afterEach(async () => {
  const others = started.filter((node) => node !== seed && node !== one);
  await Promise.all(others.map((node) => node.end()));
});

/** Another slave of the seed, which `one` can know from the database only. */
async function startOther(bind: string): Promise<DatabaseNode> {
  const other = await start({ seeds: seed.addresses, binds: [bind] });
  await untilPresent(one, [seed, other]);
  expect(await one.ask('up')).not.toContain(other.id);
  return other;
}

describe.each([['TCP', TCP], ['WebSocket', WEB]])('S19: two processes that know only the seed, over %s', (_, bind) => {
  it('spawn, call and monitor by the id of the node alone, and notice that it is killed', async () => {
    const other = await startOther(bind);
    const port = await one.ask<PortId>('spawn', other.id, 'echo');
    expect(await one.ask('call', port, 'echo', 'hello')).toEqual(['hello']);
    expect(await one.ask('up')).toContain(other.id);
    await one.ask('monitor', port);
    await one.ask('monitor', other.id);
    await other.end();
    for (const monitored of [port, other.id]) {
      expect(await reasonsOf(one, monitored)).toEqual([['transport_error', other.id, expect.any(String)]]);
    }
    // what the seed has known of it is gone with it
    await untilCalm('no trace of it', async () => {
      const { keys } = await one.ask<Look>('look', FAMILY);
      return keys.includes(other.id) ? 'its keys are still there' : undefined;
    });
    await one.ask('monitor', `${other.id}#again`);
    expect(await reasonsOf(one, `${other.id}#again`)).toEqual([['transport_error', other.id, 'no known address: it is not there, or it listens nowhere (it has no binds)']]);
  });

  it('send, with nothing lost on the way and all in order', async () => {
    const other = await startOther(bind);
    const inbox = await other.ask<PortId>('inbox');
    for (let i = 0; i < 20; i++) await one.ask('send', inbox, 'number', i);
    let received: unknown;
    await untilCalm('the messages', async () => {
      received = await other.ask<readonly unknown[]>('received');
      return (received as readonly unknown[]).length < 20 ? `only ${JSON.stringify(received)}` : undefined;
    });
    expect(received).toEqual(Array.from({ length: 20 }, (_value, i) => ['number', i]));
  });

  it('S14: monitor, which connects', async () => {
    const other = await startOther(bind);
    const inbox = await other.ask<PortId>('inbox');
    await one.ask('monitor', inbox);
    await untilCalm('a connection', async () => ((await one.ask<string[]>('up')).includes(other.id) ? undefined : 'none'));
    await other.ask('kill', inbox);
    expect(await reasonsOf(one, inbox)).toEqual([[]]);
  });
});

it('S13, S19: whom nobody knows is reported as such, and so are his ports', async () => {
  await one.ask('monitor', 'nobody/1');
  await one.ask('monitor', 'nobody/2#port');
  expect(await reasonsOf(one, 'nobody/1')).toEqual([['transport_error', 'nobody/1', 'no known address: it is not there, or it listens nowhere (it has no binds)']]);
  expect(await reasonsOf(one, 'nobody/2#port')).toEqual([['transport_error', 'nobody/2', 'no known address: it is not there, or it listens nowhere (it has no binds)']]);
});

describe('S21: a node that is not global', () => {
  const globalsOf = async (node: DatabaseNode): Promise<readonly string[]> => (await node.ask<Look>('look', "'g")).keys;

  it('becomes global when others have it as their seed, and serves them', async () => {
    const plain = await start({ binds: [TCP, WEB] });
    expect(await globalsOf(plain)).toEqual([]);
    const [tcp = '', web = ''] = plain.addresses;
    const slaves = await Promise.all([start({ seeds: [tcp] }), start({ seeds: [web] })]);
    for (const node of [plain, ...slaves]) {
      await untilPresent(node, [plain, ...slaves]);
      expect(await globalsOf(node)).toEqual([plain.id]);
    }
  });

  it('becomes global when its only seed is itself, and serves itself and others', async () => {
    const address = `127.0.0.1:${await claimPort()}`;
    const self = await start({ binds: [address], seeds: [address] });
    await untilPresent(self, [self]);
    expect(await globalsOf(self)).toEqual([self.id]);
    const slave = await start({ seeds: [address] });
    await untilPresent(slave, [self, slave]);
    await untilPresent(self, [self, slave]);
    expect(await globalsOf(slave)).toEqual([self.id]);
  });
});
