import { filter, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { createNode, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';

const secret = 'lifecycle';
const up = (node: MpNode): Promise<unknown> => firstValueFrom(node.monNodes().pipe(filter((change) => change.up)));

/** What keeps the process alive; vitest has some of its own. */
const handles = (): number =>
  process.getActiveResourcesInfo().filter((name) => /^TCP|Timeout/.test(name)).length;

async function settle(before: number): Promise<number> {
  for (let i = 0; i < 100 && handles() > before; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  return handles();
}

describe('createNode', () => {
  it('rejects a bind that is taken, naming it, and leaves nothing behind', async () => {
    await using first = await createNode({ binds: ['127.0.0.1:0'], secret, log: silentLog });
    const [address] = first.addresses;
    const before = handles();
    await expect(createNode({ binds: ['127.0.0.1:0', address!], secret })).rejects.toThrow(address);
    expect(await settle(before)).toBeLessThanOrEqual(before);
  });

  it('rejects binds without a secret, and says so', async () => {
    await expect(createNode({ binds: ['127.0.0.1:0'] })).rejects.toThrow('needs the option "secret", "tls" or "guests"');
  });

  it.each([
    [{ nodeid: 'a#b' }, 'BAD_NODE_ID'],
    [{ nodeid: '' }, 'BAD_NODE_ID'],
    [{ binds: ['nowhere:99999'], secret }, 'BAD_ADDRESS'],
    [{ seeds: ['gopher://x'], secret }, 'BAD_ADDRESS'],
  ])('rejects %o with %s', async (options, code) => {
    await expect(createNode(options)).rejects.toMatchObject({ code });
  });

  it('refuses options that would promise what is not there', async () => {
    await expect(createNode({ framings: ['storable'] })).rejects.toThrow('"storable" is unknown');
    await expect(createNode({ nodid: 'x' } as never)).rejects.toThrow('the option "nodid" is unknown');
    await expect(createNode({ limits: { messageSiz: 1 } as never })).rejects.toThrow('the limit "messageSiz" is unknown');
    await expect(createNode({ binds: '127.0.0.1:0' as never })).rejects.toThrow('expected an array of texts');
    await expect(createNode({ monitorTimeout: 0 })).rejects.toThrow('monitorTimeout is 0');
  });

  it('fills in %n and %u and a trailing slash, differently each time', async () => {
    await using one = await createNode({ nodeid: 'w/%n/%u' });
    await using two = await createNode({ nodeid: 'w/' });
    await using three = await createNode({ profile: 'p' });
    expect(one.id).toMatch(/^w\/[A-Za-z0-9_.:-]+\/[A-Za-z0-9]{10}$/);
    expect(two.id).toMatch(/^w\/[A-Za-z0-9]{10}$/);
    expect(three.id).toMatch(/^p\/[A-Za-z0-9]{10}$/);
  });
});

describe('connections$', () => {
  it('gives the connections that are up, and their end', async () => {
    await using server = await createNode({ nodeid: 'server', binds: ['127.0.0.1:0'], secret, log: silentLog });
    const client = await createNode({ nodeid: 'client', seeds: server.addresses, secret, log: silentLog });
    await up(client);
    const connection = await firstValueFrom(server.connections$);
    expect(connection).toMatchObject({ node: 'client', method: 'rxmp_sha3_512', trusted: true, secure: false, initiator: false });
    expect(connection.framing).toEqual({ sent: 'rxmp_json', received: 'rxmp_json' });
    expect(await firstValueFrom(connection.writable$)).toBe(true);
    const statuses = lastValueFrom(connection.status$.pipe(toArray()));
    await client.close();
    expect(await statuses).toEqual([{ status: 'up' }, { status: 'closed', reason: 'Unexpected end-of-file' }]);
  });
});

describe('close', () => {
  it('sends what was sent before, completes the streams of all ports, and is harmless twice', async () => {
    await using server = await createNode({ nodeid: 'server', binds: ['127.0.0.1:0'], secret, log: silentLog });
    const client = await createNode({ nodeid: 'client', seeds: server.addresses, secret, log: silentLog });
    await up(client);
    const sink = server.port();
    const got = firstValueFrom(server.rcv(sink));
    const ended = lastValueFrom(client.rcv(client.port()), { defaultValue: 'completed' });
    client.snd(sink.id, 'last words');
    await client.close();
    await client.close();
    expect(await got).toEqual(['last words']);
    expect(await ended).toBe('completed');
    expect(client.snd(sink.id, 'too late')).toBe(false);
    expect(client.upNodes()).toEqual([]);
  });

  it('fails calls that still wait', async () => {
    const node = await createNode({ log: silentLog });
    const call = firstValueFrom(node.cal(node.port(() => {}), 'never answered'));
    const failed = expect(call).rejects.toMatchObject({ code: 'NODE_CLOSED' });
    await node.close();
    await failed;
  });

  it('of 1,000 nodes, two of them connected each time, leaves no handle and no memory behind', { timeout: 60_000 }, async () => {
    const before = handles();
    const round = async (): Promise<void> => {
      const server = await createNode({ binds: ['127.0.0.1:0'], secret, log: silentLog });
      const client = await createNode({ seeds: server.addresses, secret, log: silentLog });
      await up(client);
      const port = server.rcv(server.port(), { ping: (reply: string) => server.snd(reply, 'pong') });
      expect(await firstValueFrom(client.cal(port.id, 'ping'))).toEqual(['pong']);
      client.mon(port.id, () => {});
      await Promise.all([client.close(), server.close()]);
    };
    const memory = async (rounds: number): Promise<number> => {
      for (let i = 0; i < rounds; i++) await round();
      await settle(before);
      expect(globalThis.gc, 'node --expose-gc').toBeDefined();
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    };
    const warm = await memory(100);
    const end = await memory(400);
    expect(await settle(before)).toBeLessThanOrEqual(before);
    // 400 pairs of nodes: a leak of a port table, a socket or a closure each would be many times this
    expect(end - warm).toBeLessThan(8 * 1024 * 1024);
  });
});
