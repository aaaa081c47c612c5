import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MpNode } from 'rxmp';
import { $, type NodeScope } from 'rxmp/federation';
import { createWorld, type World } from '../../../marbles/world.js';
import { countHoldings } from '../../fixtures/holdings.js';

interface Fact {
  readonly type: string;
  readonly x: number;
}

interface Stage {
  readonly world: World;
  /** A global node. */
  readonly a: MpNode;
  /** Its slave. */
  readonly b: MpNode;
  /** Of `b` and of `a`. */
  readonly scopes: readonly [NodeScope<Fact>, NodeScope<Fact>];
  run(ms?: number): void;
}

const nothing = (): void => undefined;
let counter = 0;

/** Each does something from the slave and undoes it. */
const USES: Readonly<Record<string, (stage: Stage) => void>> = {
  'a port': ({ b }) => { b.port(nothing).complete(); },
  'a port that dies': ({ b, run }) => {
    const port = b.port(() => { throw new Error('dies'); });
    b.snd(port, 'x');
    run();
  },
  'handlers by tag': ({ b }) => {
    const port = b.rcv(b.port(), { one: nothing, two: nothing });
    void b.rcv(port, { one: undefined, two: undefined });
    b.kil(port);
  },
  'a subscriber of a port': ({ b }) => {
    const port = b.port();
    port.subscribe(nothing).unsubscribe();
    b.kil(port);
  },
  'a port that another node sends to': ({ a, b, run }) => {
    const port = b.port(nothing);
    a.snd(port, 'x');
    run();
    b.kil(port);
  },
  'a monitor that is taken back': ({ a, b, run }) => {
    const port = a.port();
    const guard = b.mon(port, nothing);
    run();
    guard.unsubscribe();
    run();
    a.kil(port);
  },
  'two monitors of one port, one as a stream': ({ a, b, run }) => {
    const port = a.port();
    const guard = b.mon(port, nothing);
    const stream = b.mon(port).subscribe();
    run();
    guard.unsubscribe();
    stream.unsubscribe();
    run();
    a.kil(port);
  },
  'a monitor that fires': ({ a, b, run }) => {
    const port = a.port();
    b.mon(port, nothing);
    run();
    a.kil(port, 'it', 'is', 'over');
  },
  'a monitor of a port that never was': ({ b }) => { b.mon('a#none', nothing); },
  'a monitor of a node': ({ b }) => { b.mon('a', nothing).unsubscribe(); },
  'links between ports': ({ a, b, run }) => {
    const [one, other] = [b.port(), a.port()];
    b.mon(other, one);
    b.mon(one, other, 'gone');
    run();
    a.kil(other, 'over');
  },
  'a call': ({ a, b, run }) => {
    const port = a.port((...[, reply]: readonly [string, string]) => { a.snd(reply, 'answer'); });
    b.cal(port, 'x').subscribe();
    run();
    run(2_000);
    a.kil(port);
  },
  'calls that nobody waits for': ({ a, b, run }) => {
    const port = a.port(nothing);
    const calls = [b.cal(port, 'x').subscribe(), b.cal(port, 'y', { timeout: 60_000 }).subscribe()];
    run();
    for (const call of calls) call.unsubscribe();
    run(2_000);
    a.kil(port);
  },
  'a call that takes too long': ({ a, b, run }) => {
    const port = a.port(nothing);
    b.cal(port, 'x', { timeout: 100 }).subscribe({ error: nothing });
    run(2_000);
    a.kil(port);
  },
  'a call of a port that dies': ({ a, b, run }) => {
    const port = a.port(nothing);
    b.cal(port, 'x').subscribe({ error: nothing });
    run();
    a.kil(port, 'over');
  },
  'a port that dies while the monitor of its last call is still there': ({ a, b, run }) => {
    const port = a.port(nothing);
    b.cal(port, 'x').subscribe({ error: nothing }).unsubscribe();
    run();
    a.kil(port, 'over');
    run();
    run(2_000);
  },
  'timers': ({ b, run }) => {
    const port = b.port(nothing);
    b.after(10, nothing);
    b.after(10, port, 'x');
    b.after(10_000, nothing).unsubscribe();
    run(20);
    b.kil(port);
  },
  'a mailbox': ({ b, run }) => {
    const port = b.port();
    const mailbox = b.mailbox(port);
    const received = mailbox.receive();
    b.snd(port, 'x');
    void received;
    mailbox.receive({ timeout: 10 }).catch(nothing);
    run(20);
    mailbox.close();
    b.kil(port);
  },
  'a port that is made elsewhere': ({ a, b, run }) => {
    const guard = a.register('init', nothing);
    const port = b.spawn('a', 'init');
    run();
    guard.unsubscribe();
    b.kil(port);
  },
  'a key': ({ b, run }) => {
    const guard = b.dbSet('fam', 'key', 1);
    run();
    guard.unsubscribe();
  },
  'a registered port': ({ b, run }) => {
    const port = b.port();
    const guard = b.dbReg('fam', port);
    run();
    guard.unsubscribe();
    run();
    b.kil(port);
  },
  'a registered port that lives elsewhere': ({ a, b, run }) => {
    const port = a.port();
    const guard = b.dbReg('fam', port);
    run();
    guard.unsubscribe();
    run();
    a.kil(port);
  },
  'a registered port that dies': ({ b, run }) => {
    const port = b.port();
    b.dbReg('fam', port);
    run();
    b.kil(port);
  },
  'a family that is watched': ({ a, b, run }) => {
    const watched = [b.dbMon('fam').subscribe(), b.dbMon('fam').subscribe()];
    run();
    const guard = a.dbSet('fam', 'key', 1);
    run();
    guard.unsubscribe();
    for (const one of watched) one.unsubscribe();
  },
  'questions': ({ b, run }) => {
    b.dbFamily('fam').subscribe();
    b.dbKeys('fam').subscribe().unsubscribe();
    run();
  },
  'the news of nodes': ({ b }) => { b.monNodes().subscribe().unsubscribe(); },
  'the status of connections': ({ b, run }) => {
    b.connections$.subscribe((connection) => {
      connection.status$.subscribe().unsubscribe();
      connection.writable$.subscribe().unsubscribe();
    }).unsubscribe();
    run();
  },
  'a scope': ({ a, b, run }) => {
    const [one, other] = [a.federate<Fact>('room'), b.federate<Fact>('room')];
    run(500);
    const asserted = other.assert({ type: 'fact', x: 1 });
    const observed = one.observe({ type: 'fact', x: $ }).subscribe();
    run(500);
    observed.unsubscribe();
    asserted.unsubscribe();
    run(500);
    other.close();
    one.close();
  },
  'assertions and patterns of a scope that goes on': ({ scopes: [scope, other], run }) => {
    const far = other.observe({ type: 'fact', x: $ }).subscribe();
    const observed = [scope.observe({ type: 'fact', x: $ }).subscribe(), scope.observe({ type: 'fact', x: 1 }).subscribe()];
    const asserted = [scope.assert({ type: 'fact', x: 1 }), scope.assert({ type: `another ${counter++}`, x: 1 }), other.assert({ type: 'fact', x: 2 })];
    run();
    for (const one of [...asserted, ...observed, far]) one.unsubscribe();
    run();
  },
  'a lost connection': ({ world, a, b, run }) => {
    const [there, here] = [a.port(), b.port()];
    b.mon(there, nothing);
    a.mon(here, nothing);
    b.dbMon('fam').subscribe().unsubscribe();
    run();
    world.network.cut('a', 'b');
    run(100);
    world.network.heal();
    run(10_000);
    a.kil(there);
    b.kil(here);
  },
};

/** What was seen lately, so many at most, and how often who has come. */
const BOUNDED = /createRecent|createDoorkeeper|bucketOf/;

describe('a node at rest has a number of everything; what is done and undone leaves it there', () => {
  let holdings: ReturnType<typeof countHoldings>;
  beforeEach(() => { holdings = countHoldings(); });
  afterEach(() => { holdings.restore(); });

  it.each(Object.entries(USES))('%s', async (_, use) => {
    const world = createWorld({ delay: 1 });
    const a = await world.start('a', { global: true });
    const b = await world.start('b', { seeds: ['memory://a'] });
    const scopes = [b.federate<Fact>('hall'), a.federate<Fact>('hall')] as const;
    const stage: Stage = { world, a, b, scopes, run: (ms = 50) => { world.clock.runFor(ms); } };
    stage.run(5_000);
    expect(b.upNodes()).toEqual(['a']);
    const rest = async (): Promise<object> => {
      stage.run(20_000);
      const kept = Object.entries(await holdings.count()).filter(([where]) => !BOUNDED.test(where));
      return { ...Object.fromEntries(kept), timers: world.clock.pending };
    };
    // what is made once for good, by the first use
    use(stage);
    const before = await rest();
    for (let i = 0; i < 3; i++) use(stage);
    expect(await rest()).toEqual(before);
    await world.close();
  });
});
