import { beforeEach, describe, expect, it } from 'vitest';
import { $, _, compile } from '../../../src/federation/pattern.js';
import type { Scope } from '../../../src/federation/scope-types.js';
import { createTestNetwork, watch, type Fact, type TestNetwork } from './network.js';
import { createTranscript } from './transcript.js';

const says = (who: string, text: string): Fact => ({ type: 'says', who, text });
const S = { type: 'says', who: $, text: $ } as const;
const specOf = (pattern: unknown) => compile(pattern, 100).spec;

// captures are in the order of the fields: text, who
const words = {
  specs: { S: specOf(S), ofA: specOf({ type: 'says', who: 'a', text: $ }), texts: specOf({ type: 'says', who: _, text: $ }) },
  captures: { x: ['x', 'a'], y: ['y', 'a'], m: ['m', 'a'], mOfA: ['m'], text: ['x'] },
};

let network: TestNetwork;
let messages: ReturnType<typeof createTranscript>;
let A: Scope<Fact>, B: Scope<Fact>, C: Scope<Fact>, D: Scope<Fact>, H: Scope<Fact>;
const [x, y] = [says('a', 'x'), says('a', 'y')];
const watchS = (scope: Scope<Fact>) => watch<{ who: string; text: string }>(scope.observe(S));

beforeEach(() => {
  network = createTestNetwork();
  messages = createTranscript(network, words);
  [A, B, C, D, H] = ['A', 'B', 'C', 'D', 'H'].map((name) => network.scope(name)) as [typeof A, typeof A, typeof A, typeof A, typeof A];
});
const star = () => [A, B, C].map((scope) => network.linked(H, scope));

describe('two scopes', () => {
  it('T1: what one observes and the other asserts', () => {
    network.linked(A, B);
    const a = watchS(A);
    messages('A>B As aB S');
    const held = B.assert(x);
    messages('B>A Add aB x');
    held.unsubscribe();
    messages('B>A Del aB x');
    a.stop();
    messages('A>B Cl aB', 'B>A End aB');
    expect(a.seen()).toEqual(['add x,a', 'del x,a']);
  });

  it('T2: a late observer', () => {
    network.linked(A, B);
    B.assert(x);
    messages();
    const a = watchS(A);
    messages('A>B As aB S', 'B>A Add aB x');
    expect(a.seen()).toEqual(['add x,a']);
  });

  it('T3: a late link', () => {
    const a = watchS(A);
    B.assert(x);
    messages();
    expect(a.seen()).toEqual([]);
    network.link(A, B);
    messages('A>B As aB S', 'B>A Add aB x');
    expect(a.seen()).toEqual(['add x,a']);
  });

  it('T6: both observe and assert the same', () => {
    network.linked(A, B);
    const [a, b] = [watchS(A), watchS(B)];
    messages('A>B As aB S', 'B>A As bA S');
    const seen = () => [a.seen(), b.seen()];
    const ofA = A.assert(x);
    messages('A>B Add bA x');
    expect(seen()).toEqual([['add x,a'], ['add x,a']]);
    const ofB = B.assert(x);
    messages('B>A Add aB x');
    expect(seen()).toEqual([[], []]);
    ofA.unsubscribe();
    messages('A>B Del bA x');
    expect(seen()).toEqual([[], []]);
    ofB.unsubscribe();
    messages('B>A Del aB x');
    expect(seen()).toEqual([['del x,a'], ['del x,a']]);
  });

  it('T11: values that look the same to the pattern are one', () => {
    network.linked(A, B);
    const a = watch<{ text: string }>(A.observe({ type: 'says', who: _, text: $ }));
    messages('A>B As aB texts');
    const first = B.assert(x);
    messages('B>A Add aB text');
    const second = B.assert(says('b', 'x'));
    messages();
    first.unsubscribe();
    messages();
    second.unsubscribe();
    messages('B>A Del aB text');
    expect(a.seen()).toEqual(['add x', 'del x']);
  });

  it('T12: nothing is left of a subscription that was cleared', () => {
    network.linked(A, B);
    const a = watchS(A);
    messages('A>B As aB S');
    const held = B.assert(x);
    messages('B>A Add aB x');
    const b = watchS(B);
    messages('B>A As bA S');
    a.stop();
    messages('A>B Cl aB', 'B>A End aB');
    held.unsubscribe();
    messages();
    expect(b.seen()).toEqual(['add x,a', 'del x,a']);
    const again = watchS(A);
    messages("A>B As aB' S");
    expect(again.seen()).toEqual([]);
  });

  it('T13: what only the other end asserts does not come back', () => {
    network.linked(A, B);
    const b = watchS(B);
    messages('B>A As bA S');
    const held = A.assert(x);
    messages('A>B Add bA x');
    const a = watchS(A);
    messages('A>B As aB S');
    held.unsubscribe();
    messages('A>B Del bA x');
    expect([a.seen(), b.seen()]).toEqual([['add x,a', 'del x,a'], ['add x,a', 'del x,a']]);
  });

  it('T14: a match that crosses the end of its subscription', () => {
    const { there, back } = network.linked(A, B);
    const first = watchS(A);
    messages('A>B As aB S');
    // both at once: nothing has arrived yet
    B.assert(x);
    first.stop();
    const second = watchS(A);
    expect([there.waiting.length, back.waiting.length]).toEqual([2, 1]);
    back.deliver();
    expect([first.seen(), second.seen()]).toEqual([[], []]);
    expect(A.inspect().retired).toBe(1);
    messages('B>A Add aB x', 'A>B Cl aB', "A>B As aB' S", 'B>A End aB', "B>A Add aB' x");
    expect([first.seen(), second.seen()]).toEqual([[], ['add x,a']]);
    expect(A.inspect().retired).toBe(0);
  });

  it('T20: two observers of one pattern share a subscription', () => {
    network.linked(A, B);
    const [first, second] = [watchS(A), watchS(A)];
    messages('A>B As aB S');
    B.assert(x);
    messages('B>A Add aB x');
    first.stop();
    messages();
    second.stop();
    messages('A>B Cl aB', 'B>A End aB');
    expect([first.seen(), second.seen()]).toEqual([['add x,a'], ['add x,a']]);
  });
});

describe('chains', () => {
  const chain = () => [network.linked(A, B), network.linked(B, C)];

  it('T4: of three, as worked in §3', () => {
    chain();
    const a = watchS(A);
    messages('A>B As aB S', 'B>C As bC S');
    const b = watchS(B);
    messages('B>A As bA S');
    C.assert(x);
    messages('C>B Add bC x', 'B>A Add aB x');
    expect([a.seen(), b.seen()]).toEqual([['add x,a'], ['add x,a']]);
    const c = watchS(C);
    expect(c.seen()).toEqual(['add x,a']);
    messages('C>B As cB S');
    a.stop();
    messages('A>B Cl aB', 'B>A End aB');
    b.stop();
    messages('B>C Cl bC', 'C>B End bC');
    c.stop();
    messages('C>B Cl cB', 'B>A Cl bA', 'B>C End cB', 'A>B End bA');
    for (const scope of [A, B, C]) expect(scope.inspect()).toMatchObject({ subscriptions: [], retired: 0 });
  });

  it('T15: a link that is dropped and made again', () => {
    const [ab] = chain();
    const a = watchS(A);
    messages('A>B As aB S', 'B>C As bC S');
    const held = C.assert(x);
    messages('C>B Add bC x', 'B>A Add aB x');
    ab!.drop();
    messages('B>C Cl bC', 'C>B End bC');
    held.unsubscribe();
    C.assert(y);
    messages();
    network.link(A, B);
    messages('A>B As aB2 S', 'B>C As bC2 S', 'C>B Add bC2 y', 'B>A Add aB2 y');
    expect(a.seen()).toEqual(['add x,a', 'del x,a', 'add y,a']);
  });

  it('T16: of four, cut in the middle and healed', () => {
    network.linked(A, B);
    const bc = network.linked(B, C);
    network.linked(C, D);
    const [a, d] = [watchS(A), watchS(D)];
    messages('A>B As aB S', 'B>C As bC S', 'C>D As cD S', 'D>C As dC S', 'C>B As cB S', 'B>A As bA S');
    A.assert(x);
    D.assert(y);
    messages('A>B Add bA x', 'B>C Add cB x', 'C>D Add dC x', 'D>C Add cD y', 'C>B Add bC y', 'B>A Add aB y');
    expect([a.seen(), d.seen()]).toEqual([['add x,a', 'add y,a'], ['add y,a', 'add x,a']]);
    bc.drop();
    messages('B>A Del aB y', 'B>A Cl bA', 'A>B End bA', 'C>D Del dC x', 'C>D Cl cD', 'D>C End cD');
    expect([a.seen(), d.seen()]).toEqual([['del y,a'], ['del x,a']]);
    network.link(B, C);
    messages(
      ...['B>C As bC2 S', 'C>B As cB2 S', 'C>D As cD2 S', 'D>C Add cD2 y', 'C>B Add bC2 y'],
      ...['B>A As bA2 S', 'B>A Add aB y', 'A>B Add bA2 x', 'B>C Add cB2 x', 'C>D Add dC x'],
    );
    expect([a.seen(), d.seen()]).toEqual([['add y,a'], ['add x,a']]);
  });
});

describe('stars', () => {
  it('T5: of four, as worked in §3', () => {
    star();
    const a = watchS(A);
    messages('A>H As aH S', 'H>B As hB S', 'H>C As hC S');
    const b = watchS(B);
    messages('B>H As bH S', 'H>A As hA S');
    const c = watchS(C);
    messages('C>H As cH S');
    c.stop();
    messages('C>H Cl cH', 'H>C End cH');
    b.stop();
    messages('B>H Cl bH', 'H>A Cl hA', 'H>B End bH', 'A>H End hA');
    a.stop();
    messages('A>H Cl aH', 'H>B Cl hB', 'H>C Cl hC', 'H>A End aH', 'B>H End hB', 'C>H End hC');
    expect([a, b, c].flatMap((one) => one.seen())).toEqual([]);
    for (const scope of [H, A, B, C]) expect(scope.inspect()).toMatchObject({ subscriptions: [], retired: 0 });
  });

  it('T7: all observe, two assert the same', () => {
    star();
    const all = [watchS(A), watchS(B), watchS(C)];
    messages('A>H As aH S', 'H>B As hB S', 'H>C As hC S', 'B>H As bH S', 'H>A As hA S', 'C>H As cH S');
    const seen = () => all.map((one) => one.seen());
    const ofA = A.assert(x);
    messages('A>H Add hA x', 'H>B Add bH x', 'H>C Add cH x');
    expect(seen()).toEqual([['add x,a'], ['add x,a'], ['add x,a']]);
    const ofB = B.assert(x);
    messages('B>H Add hB x', 'H>A Add aH x');
    ofA.unsubscribe();
    messages('A>H Del hA x', 'H>B Del bH x');
    expect(seen()).toEqual([[], [], []]);
    ofB.unsubscribe();
    messages('B>H Del hB x', 'H>A Del aH x', 'H>C Del cH x');
    expect(seen()).toEqual([['del x,a'], ['del x,a'], ['del x,a']]);
  });

  it('T8: one observes, two assert the same', () => {
    star();
    const c = watchS(C);
    messages('C>H As cH S', 'H>A As hA S', 'H>B As hB S');
    const ofA = A.assert(x);
    messages('A>H Add hA x', 'H>C Add cH x');
    const ofB = B.assert(x);
    messages('B>H Add hB x');
    ofA.unsubscribe();
    messages('A>H Del hA x');
    expect(c.seen()).toEqual(['add x,a']);
    ofB.unsubscribe();
    messages('B>H Del hB x', 'H>C Del cH x');
    expect(c.seen()).toEqual(['del x,a']);
  });

  it('T9: links that assert the same are dropped', () => {
    const [ha, hb] = star();
    const c = watchS(C);
    messages('C>H As cH S', 'H>A As hA S', 'H>B As hB S');
    A.assert(x);
    B.assert(x);
    A.assert(y);
    messages('A>H Add hA x', 'H>C Add cH x', 'B>H Add hB x', 'A>H Add hA y', 'H>C Add cH y');
    c.seen();
    ha!.drop();
    messages('H>C Del cH y');
    expect(c.seen()).toEqual(['del y,a']);
    hb!.drop();
    messages('H>C Del cH x');
    expect(c.seen()).toEqual(['del x,a']);
  });

  it('T10: a message, once for each pattern and link', () => {
    star();
    const [a, b] = [watchS(A), watchS(B)];
    const ofA = watch<{ text: string }>(A.observe({ type: 'says', who: 'a', text: $ }));
    messages(
      ...['A>H As aH S', 'H>B As hB S', 'H>C As hC S', 'B>H As bH S', 'H>A As hA S'],
      ...['A>H As aH2 ofA', 'H>B As hB2 ofA', 'H>C As hC2 ofA'],
    );
    const seen = () => [a.seen(), b.seen(), ofA.seen()];
    C.send(says('a', 'm'));
    messages('C>H Msg hC m', 'C>H Msg hC2 mOfA', 'H>A Msg aH m', 'H>B Msg bH m', 'H>A Msg aH2 mOfA');
    expect(seen()).toEqual([['msg m,a'], ['msg m,a'], ['msg m']]);
    A.send(says('a', 'm'));
    messages('A>H Msg hA m', 'H>B Msg bH m');
    expect(seen()).toEqual([['msg m,a'], ['msg m,a'], ['msg m']]);
  });
});

describe('rings and anomalies', () => {
  const down = (code: string) => ({ state: 'down', error: { code } });

  it('T17: a pattern that is subscribed to twice ends the link', () => {
    const stranger = network.stranger(B);
    const other = network.linked(B, C);
    const c = watchS(C);
    B.assert(x);
    network.flush();
    stranger.say(['assert', 101, specOf(S)], ['assert', 102, specOf(S)]);
    expect(stranger.statuses.at(-1)).toMatchObject(down('duplicate'));
    expect(stranger.got()).toMatchObject([['assert', 1, specOf(S)], ['add', 101, ['x', 'a']], ['err', 'duplicate', expect.any(String)]]);
    expect(other.statuses.flat()).toMatchObject([{ state: 'up' }, { state: 'up' }]);
    expect(B.inspect().subscriptions).toMatchObject([{ holders: [2] }]);
    expect(c.seen()).toEqual(['add x,a']);
  });

  it('T17: cleared first, it is given the snapshot under its new id', () => {
    const stranger = network.stranger(B);
    B.assert(x);
    stranger.say(['assert', 101, specOf(S)]);
    expect(stranger.got()).toEqual([['add', 101, ['x', 'a']]]);
    stranger.say(['clear', 101], ['assert', 102, specOf(S)]);
    expect(stranger.got()).toEqual([['end', 101], ['add', 102, ['x', 'a']]]);
    expect(stranger.statuses).toMatchObject([{ state: 'up' }]);
  });

  it.each([['a clear', ['clear', 7]], ['a match', ['add', 7, ['x', 'a']]]])('T18: %s of an id that was never given ends the link', (_name, packet) => {
    const stranger = network.stranger(B);
    const other = network.linked(B, C);
    stranger.say(packet);
    expect(stranger.statuses.at(-1)).toMatchObject(down('unknown'));
    expect(stranger.got()).toMatchObject([['err', 'unknown', expect.any(String)]]);
    const c = watchS(C);
    B.assert(x);
    network.flush();
    expect(other.statuses.flat()).toMatchObject([{ state: 'up' }, { state: 'up' }]);
    expect(c.seen()).toEqual(['add x,a']);
  });

  it('T19: the link that would close a ring is refused before anybody subscribes over it', () => {
    network.linked(A, B);
    network.linked(B, C);
    const all = [watchS(A), watchS(B), watchS(C)];
    network.flush();
    network.traceAll();
    const ring = network.link(C, A);
    network.flush();
    const packets = network.traceAll();
    expect(packets.every(({ way }) => way === 'C>A' || way === 'A>C')).toBe(true);
    expect(new Set(packets.map(({ packet }) => packet[0]))).toEqual(new Set(['hello', 'err']));
    expect(ring.statuses[0]).toMatchObject([down('cycle')]);
    expect(ring.statuses[1]).toMatchObject([down('cycle')]);
    A.assert(x);
    network.flush();
    expect(network.trace().map(({ way, packet: [kind] }) => `${way} ${String(kind)}`)).toEqual(['A>B add', 'B>C add']);
    expect(all.map((one) => one.seen())).toEqual([['add x,a'], ['add x,a'], ['add x,a']]);
  });
});
