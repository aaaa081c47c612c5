import { firstValueFrom } from 'rxjs';
import { createNode } from 'rxmp';
import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';

describe('S23, V5: private nodes reach each other through a node that both are connected with', () => {
  it('sends, monitors and calls, both ways', async () => {
    const world = createWorld({ delay: 1 });
    const hub = await world.start('hub', { global: true });
    const a = await world.start('a', { binds: [], seeds: ['memory://hub'] });
    const b = await world.start('b', { binds: [], seeds: ['memory://hub'] });
    world.clock.runFor(3_000);
    expect([a.nodeIsUp('hub'), b.nodeIsUp('hub')]).toEqual([true, true]);
    const got: unknown[] = [];
    const port = b.rcv(b.port(), { hello: (name: string) => got.push(name), ask: (reply: string) => b.snd(reply, 'answer') });
    a.snd(port.id as never, 'hello', 'world');
    const answers: unknown[] = [];
    a.cal(port.id as never, 'ask').subscribe({ next: (answer) => answers.push(answer), error: (error: unknown) => answers.push(error) });
    const reasons: unknown[] = [];
    a.mon(port.id, (...reason) => reasons.push(reason));
    world.clock.runFor(3_000);
    expect([...hub.log.lines, ...a.log.lines, ...b.log.lines].filter((line) => line.startsWith('warn'))).toEqual([]);
    expect([got, answers]).toEqual([['world'], [['answer']]]);
    b.kil(port, 'over');
    world.clock.runFor(1_000);
    expect(reasons).toEqual([['over']]);
    await world.close();
  });

  it('over real sockets', async () => {
    const options = { secret: 'a secret of private nodes' };
    await using hub = await createNode({ binds: ['127.0.0.1:0'], ...options });
    await using a = await createNode({ seeds: hub.addresses, ...options });
    await using b = await createNode({ nodeid: 'b', seeds: hub.addresses, ...options });
    const port = b.rcv(b.port(), { ask: (reply: string) => b.snd(reply, 'answer') });
    expect(await firstValueFrom(a.cal(port.id as never, 'ask'))).toEqual(['answer']);
  });
});
