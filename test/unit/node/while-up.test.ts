import { finalize, firstValueFrom, NEVER, Observable, of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BadNodeId, type Message, type MpNode, type PortDied } from 'rxmp';
import { joinPorts, whileUp } from 'rxmp/operators';
import { createNetwork, type TestNetwork } from 'rxmp/testing';

/** A room that knows who is in it. */
function openRoom(node: MpNode) {
  const members = new Set<string>();
  const port = node.rcv(node.port(), {
    join: (member: string) => {
      members.add(member);
      node.mon(member, () => members.delete(member));
    },
    leave: (member: string) => members.delete(member),
  });
  return { port, members };
}

/** A network of a hub, which has a room, and a client of it, and what the client does. */
async function chat(network: TestNetwork) {
  const hub = await network.node('hub');
  const client = await network.node('client', { seeds: ['hub'] });
  const room = openRoom(hub);
  const me = client.port(() => undefined);
  const log: string[] = [];
  const observer = {
    error: (error: unknown) => log.push(`error ${(error as PortDied).reason[0] as string}`),
    complete: () => log.push('complete'),
  };
  const join = (): (() => void) => {
    log.push('join');
    client.snd(room.port, 'join', me.id);
    return () => {
      log.push('end');
      client.snd(room.port, 'leave', me.id);
    };
  };
  return { hub, client, room, me, log, observer, join };
}

describe('V12a: whileUp in a network', () => {
  it('joins again each time that a cut connection is back, once for each', async () => {
    await using network = createNetwork({ seed: 1 });
    const { client, room, me, log, observer, join } = await chat(network);
    const joined = whileUp(client, room.port, join).subscribe(observer);
    await network.run(1_000);
    expect([log, [...room.members]]).toEqual([['join'], [me.id]]);
    for (let round = 0; round < 5; round++) {
      const heal = network.cut('hub', 'client');
      await network.run(3_000);
      expect([log.splice(0), [...room.members]]).toEqual([['join', 'end'], []]);
      heal();
      await network.run(5_000);
      expect([log, [...room.members]]).toEqual([['join'], [me.id]]);
    }
    joined.unsubscribe();
    await network.run(100);
    expect([log, [...room.members]]).toEqual([['join', 'end'], []]);
  });

  it.each([false, true])('ends with no_such_port when the node is started again, for that is another run (machine gone: %s)', async (silent) => {
    await using network = createNetwork({ seed: 2 });
    const { client, room, log, observer, join } = await chat(network);
    whileUp(client, room.port, join).subscribe(observer);
    await network.run(1_000);
    network.crash('hub', { silent });
    await network.run(5_000);
    expect(log).toEqual(['join', 'end']);
    await network.restart('hub');
    await network.run(10_000);
    expect(log).toEqual(['join', 'end', 'error no_such_port']);
  });

  it.each([
    ['normally', [], 'complete'],
    ['abnormally', ['broken'], 'error broken'],
  ] as const)('ends when the port is killed %s', async (_, reason, end) => {
    await using network = createNetwork({ seed: 3 });
    const { hub, client, room, log, observer, join } = await chat(network);
    whileUp(client, room.port, join).subscribe(observer);
    await network.run(1_000);
    hub.kil(room.port, ...reason);
    await network.run(1_000);
    expect(log).toEqual(['join', end, 'end']);
  });

  it('a port that was killed while the connection was lost is found to be gone, and not joined', async () => {
    await using network = createNetwork({ seed: 4 });
    const { hub, client, room, log, observer, join } = await chat(network);
    whileUp(client, room.port, join).subscribe(observer);
    await network.run(1_000);
    const heal = network.cut('hub', 'client');
    await network.run(1_000);
    hub.kil(room.port);
    heal();
    await network.run(5_000);
    expect(log).toEqual(['join', 'end', 'error no_such_port']);
  });

  it('looks for a node that does not come with pauses that grow, and leaves nothing behind', async () => {
    await using network = createNetwork({ seed: 5 });
    const { client, room, log, observer, join } = await chat(network);
    const attempts: number[] = [];
    const { mon } = client;
    Object.defineProperty(client, 'mon', {
      get() {
        attempts.push(network.clock.now());
        return mon;
      },
    });
    const joined = whileUp(client, room.port, join, { delay: { initial: 100, factor: 2, max: 10_000 } }).subscribe(observer);
    await network.run(1_000);
    network.crash('hub');
    await network.run(100_000);
    expect(log).toEqual(['join', 'end']);
    // each attempt fails after monitorTimeout, since nobody can be asked where the node is; at the first one somebody has looked for it for 100 ms: the `leave`
    const gaps = attempts.slice(2).map((time, i) => Math.round((time - (attempts[i + 1] ?? 0)) / 10) * 10);
    expect(gaps.slice(0, 7)).toEqual([1_100, 1_400, 1_800, 2_600, 4_200, 7_400, 11_000]);
    expect(new Set(gaps.slice(7))).toEqual(new Set([11_000]));
    joined.unsubscribe();
  });

  it('streams and promises of join; what they say of the loss itself is no error', async () => {
    await using network = createNetwork({ seed: 6 });
    const { hub, client, room } = await chat(network);
    const echo = hub.rcv(hub.port(), { echo: (text: string, reply: string) => hub.snd(reply, text), never: () => undefined });
    const got: unknown[] = [];
    const watch = (what: string) => ({ next: (value: unknown) => got.push([what, value]), error: (error: unknown) => got.push([what, error]) });
    whileUp(client, echo, () => client.cal<string, Message>(echo.id, 'echo', 'hi')).subscribe(watch('call'));
    whileUp(client, echo, () => client.cal<string, Message>(echo.id, 'never')).subscribe(watch('never'));
    whileUp(client, echo, () => firstValueFrom(client.cal<string, Message>(echo.id, 'echo', 'later'))).subscribe(watch('promise'));
    whileUp(client, 'hub', () => of('node')).subscribe(watch('node'));
    await network.run(1_000);
    const first = got.splice(0);
    expect(new Map(first as [string, unknown][])).toEqual(new Map<string, unknown>([['call', ['hi']], ['promise', ['later']], ['node', 'node']]));
    const heal = network.cut('hub', 'client');
    await network.run(1_000);
    expect(got).toEqual([]);
    heal();
    await network.run(5_000);
    expect(got).toHaveLength(3);
    expect(new Map(got as [string, unknown][])).toEqual(new Map(first as [string, unknown][]));
    expect(room.members.size).toBe(0);
  });

  it('ends what join started in every form, with the loss and with unsubscribing', async () => {
    await using network = createNetwork({ seed: 7 });
    const { client, room } = await chat(network);
    const forms = {
      stream: () => NEVER,
      subject: () => new Subject<never>(),
      guard: () => client.dbSet('fam', 'k'),
    };
    let ends = 0;
    const all = [
      whileUp(client, room.port, () => forms.stream().pipe(finalize(() => ends++))),
      whileUp(client, room.port, () => new Observable(() => () => ends++)),
      whileUp(client, room.port, () => {
        const guard = forms.guard();
        guard.add(() => ends++);
        return guard;
      }),
      whileUp(client, room.port, () => () => ends++),
      whileUp(client, room.port, forms.subject),
    ].map((stream$) => stream$.subscribe());
    await network.run(1_000);
    const heal = network.cut('hub', 'client');
    await network.run(1_000);
    expect(ends).toBe(4);
    heal();
    await network.run(5_000);
    let keys: readonly string[] = [];
    client.dbKeys('fam').subscribe((all) => { keys = all; });
    await network.run(100);
    expect([ends, keys]).toEqual([4, ['k']]);
    for (const one of all) one.unsubscribe();
    expect(ends).toBe(8);
  });

  it.each([
    ['is killed abnormally', (hub: MpNode, room: string) => { hub.kil(room, 'broken'); }],
    ['is not there any more', (hub: MpNode, room: string) => { hub.kil(room); }],
  ] as const)('completes with a port that %s, where it is told to', async (_, kill) => {
    await using network = createNetwork({ seed: 9 });
    const { hub, client, room, log, observer, join } = await chat(network);
    kill(hub, room.port.id);
    whileUp(client, room.port, join, { onDeath: 'complete' }).subscribe(observer);
    await network.run(1_000);
    expect(log).toEqual(['complete']);
    whileUp(client, room.port, () => { throw new Error('of join'); }, { onDeath: 'complete' }).subscribe(observer);
    await network.run(1_000);
    expect(log).toEqual(['complete', 'complete']);
  });

  it('needs times that make sense', async () => {
    await using network = createNetwork({ seed: 8 });
    const { client, room } = await chat(network);
    expect(() => whileUp(client, room.port, () => undefined, { delay: -1 })).toThrow(RangeError);
    expect(() => whileUp(client, 'a b', () => undefined)).toThrow(BadNodeId);
  });
});

describe('V12a: joinPorts', () => {
  /** Opens a room that is found in a family. */
  const open = (hub: MpNode): string => {
    const { port } = openRoom(hub);
    hub.dbReg('rooms', port);
    return port.id;
  };

  it.each([false, true])('joins the new port of a server that was started again (machine gone: %s)', async (silent) => {
    await using network = createNetwork({ seed: 1 });
    const rooms = [open(await network.node('hub'))];
    const client = await network.node('client', { seeds: ['hub'] });
    const log: string[] = [];
    const join = (room: string): (() => void) => {
      log.push(`join ${rooms.indexOf(room)}`);
      return () => log.push(`end ${rooms.indexOf(room)}`);
    };
    client.dbMon('rooms').pipe(joinPorts(client, join)).subscribe({ error: (error: unknown) => log.push(String(error)) });
    await network.run(1_000);
    for (let run = 1; run <= 3; run++) {
      expect(log.splice(0)).toEqual([`join ${run - 1}`]);
      network.crash('hub', { silent });
      await network.run(5_000);
      rooms.push(open(await network.restart('hub')));
      await network.run(10_000);
      expect(log.shift()).toBe(`end ${run - 1}`);
    }
  });

  it('a port that dies harms no other; what join fails with, the result fails with', async () => {
    await using network = createNetwork({ seed: 2 });
    const hub = await network.node('hub');
    const client = await network.node('client', { seeds: ['hub'] });
    const rooms = [open(hub), open(hub)];
    const log: string[] = [];
    const fault = new Error('of join');
    client
      .dbMon('rooms')
      .pipe(joinPorts(client, (room) => {
        if (!rooms.includes(room)) throw fault;
        log.push(`join ${rooms.indexOf(room)}`);
      }))
      .subscribe({ error: (error: unknown) => log.push(error === fault ? 'fault' : String(error)) });
    await network.run(1_000);
    hub.kil(rooms[0]!, 'broken');
    rooms.push(open(hub));
    await network.run(1_000);
    expect(log.sort()).toEqual(['join 0', 'join 1', 'join 2']);
    open(hub);
    await network.run(1_000);
    expect(log.at(-1)).toBe('fault');
  });
});
