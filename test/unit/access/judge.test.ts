import { monitor, send, spawn } from 'rxmp/guests';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../src/wire/errors.js';
import { defaultLimits } from '../../../src/env/limits.js';
import { bench, GUEST, OTHER, refusal, SPAWNED } from './cases.js';

const PASS = { kind: 'pass' };
const kil0 = (port: string) => ['kil0', port.slice(port.indexOf('#') + 1), 'forbidden', port];
const SPAWN = 'AnyEvent::MP::_spawn';
/** What every message may hold: the name of a port that the guest was not told of. */
const TELLING = { deep: [{ 'worker#secret': 1 }] };
const tells = (what: string): string => `${what}: it names "worker#secret", of which this guest was not told`;

describe('G2: messages to ports', () => {
  it('pass where the guest has the right, was told of the port, has spawned it, or it is its own', () => {
    const rooms = { rooms: ['worker#room'] };
    const { holder, say } = bench([send('gate#lobby'), send({ family: 'rooms' })], {}, rooms);
    holder.introduce(['worker#told'], { ports: 10 });
    holder.spawned.add(`worker#${SPAWNED}`);
    for (const [node, name] of [['gate', 'lobby'], ['worker', 'room'], ['worker', 'told'], ['worker', SPAWNED], [GUEST, 'own']] as const) {
      expect(say(node, name, 'hello', [`${GUEST}#reply`])).toEqual(PASS);
    }
  });

  it('are refused where it has not, with the death of the port for its monitors', () => {
    const { say } = bench([send('gate#lobby'), send({ family: 'rooms' }), monitor('worker#seen')], {}, { others: ['worker#room'] });
    for (const [node, name] of [['gate', 'secret'], ['worker', 'lobby'], ['worker', 'room'], ['worker', 'seen'], [OTHER, 'own']] as const) {
      const port = `${node}#${name}`;
      expect(say(node, name, 'hello')).toEqual(refusal(`a message to "${port}"`, send(port), kil0(port)));
    }
  });

  it('are refused where they name a port or node that it was not told of, in whatever form', () => {
    const { say } = bench([send('gate#lobby')]);
    const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
    for (const secret of ['worker#secret', 'gate#x', 'gate#x#y', 'worker', 'gate', 'worker#', OTHER, `${OTHER}#x`]) {
      for (const form of [secret, [[secret]], { a: secret }, { [secret]: 1 }, octets(secret), [{ a: [octets(secret)] }], new Map([[secret, 1]]), new Map([[1, secret]]), new Set([secret])]) {
        expect(say('gate', 'lobby', 'hello', form), secret).toEqual(refusal(`a message to "gate#lobby": it names ${JSON.stringify(secret)}, of which this guest was not told`, undefined, kil0('gate#lobby')));
      }
    }
    for (const text of ['workers', 'worker #secret', 'the worker#secret', 'https://shop.example/page#top', 'C#', 'F#m', '', '#', GUEST, `${GUEST}#x`, 'gate#lobby']) {
      expect(say('gate', 'lobby', 'hello', text), text).toEqual(PASS);
    }
  });
});

describe('G2: the table of requests to a node', () => {
  it('G2: keep-alives and devnull pass', () => {
    const { say } = bench();
    for (const message of [[], [null], [''], ['devnull'], ['devnull', 1]]) expect(say('worker', '', ...message)).toEqual(PASS);
  });

  it('G2: mon1 passes for ports that it may monitor, up to its limit', () => {
    const { holder, say } = bench([monitor('worker#seen'), send('gate#lobby'), monitor({ family: 'rooms' })], { monitors: 3 }, { rooms: ['worker#room'] });
    expect(say('worker', '', 'mon1', 'secret')).toEqual(refusal('to monitor "worker#secret"', monitor('worker#secret'), kil0('worker#secret')));
    expect(say('worker', '', 'mon1', '')).toMatchObject({ kind: 'refused', what: 'to monitor "worker"' });
    for (const [node, name] of [['worker', 'seen'], ['gate', 'lobby'], ['worker', 'room'], ['worker', 'room']] as const) expect(say(node, '', 'mon1', name)).toEqual(PASS);
    holder.introduce('worker#told', { ports: 10 });
    expect(say('worker', '', 'mon1', 'told')).toEqual(refusal('to monitor "worker#told": its limit "monitors" is 3', undefined, kil0('worker#told')));
    say('worker', '', 'mon0', 'room');
    expect(say('worker', '', 'mon1', 'told')).toEqual(PASS);
  });

  it('G2: mon0 passes for ports that it monitors', () => {
    const { say } = bench([monitor('worker#seen')]);
    expect(say('worker', '', 'mon0', 'seen')).toEqual(refusal('to stop monitoring what it does not monitor'));
    say('worker', '', 'mon1', 'seen');
    expect(say('worker', '', 'mon0', 'seen')).toEqual(PASS);
    expect(say('worker', '', 'mon0', 'seen')).toMatchObject({ kind: 'refused' });
  });

  it('G2: kil0 passes, since it is about its own ports, unless it tells of others', () => {
    const { say } = bench();
    expect(say('worker', '', 'kil0', 'own', 'done')).toEqual(PASS);
    expect(say('worker', '', 'kil0', 'own', TELLING)).toEqual(refusal(tells(`the end of "${GUEST}#own"`)));
  });

  it('G2: kil1 passes for ports that it has spawned', () => {
    const { holder, say } = bench([send('worker#lobby'), spawn('cart', { node: 'worker' })]);
    holder.introduce('worker#told', { ports: 10 });
    for (const name of ['lobby', 'told', 'secret', '', SPAWNED]) expect(say('worker', '', 'kil1', name, 'x')).toMatchObject({ kind: 'refused' });
    say('worker', '', SPAWN, SPAWNED, 'cart');
    expect(say('worker', '', 'kil1', SPAWNED, 'x')).toEqual(PASS);
    expect(say('gate', '', 'kil1', SPAWNED, 'x')).toEqual(refusal(`to kill "gate#${SPAWNED}", which it has not spawned`));
    expect(say('worker', '', 'kil1', SPAWNED, TELLING)).toEqual(refusal(tells(`to kill "worker#${SPAWNED}"`)));
  });

  it('G2: snd passes for ports that it may send to, and an echo', () => {
    const { say } = bench([send('worker#lobby')]);
    expect(say('gate', '', 'snd', 'worker#lobby', 'hello')).toEqual(PASS);
    expect(say('gate', '', 'snd', `${GUEST}#own`, 'hello')).toEqual(PASS);
    expect(say('gate', '', 'snd', GUEST, 'devnull')).toEqual(PASS);
    for (const to of ['worker#secret', 'worker', 'gate', 'gate#', '', '#', OTHER]) expect(say('gate', '', 'snd', to, 'devnull'), to).toMatchObject({ kind: 'refused' });
    expect(say('gate', '', 'snd', GUEST, 'devnull', 'gate#secret'), 'that would tell it of the port').toMatchObject({ kind: 'refused' });
    expect(say('gate', '', 'snd', GUEST, 'kil0', SPAWNED)).toEqual(refusal(`a message to "${GUEST}"`, { kind: 'send', port: GUEST }));
    expect(say('gate', '', 'snd', 'worker#lobby', TELLING)).toEqual(refusal(tells('a message to "worker#lobby"')));
  });

  it.each([['can', 'mon1'], ['time']])('G2: %s passes where the answer is for a port that it may send to', (tag, ...args) => {
    const { say } = bench([send('worker#lobby')]);
    expect(say('gate', '', tag, ...args, `${GUEST}#own`, 'x')).toEqual(PASS);
    expect(say('gate', '', tag, ...args, 'worker#lobby', 'x')).toEqual(PASS);
    expect(say('gate', '', tag, ...args)).toEqual(PASS);
    for (const port of ['worker#secret', 'worker', GUEST]) {
      expect(say('gate', '', tag, ...args, port, 'kil1')).toEqual(refusal(`the answer to ${tag} for "${port}"`, { kind: 'send', port }));
    }
    expect(say('gate', '', tag, ...args, `${GUEST}#own`, TELLING)).toEqual(refusal(tells(`to ask ${tag}`)));
  });

  it('G2: eval never passes', () => {
    expect(bench([spawn('*')]).say('gate', '', 'eval', 'exit', `${GUEST}#own`)).toEqual(refusal('eval'));
  });

  it('G2: spawn passes for functions that it may run, under a name of its own, up to its limit', () => {
    const { say } = bench([spawn('cart'), spawn('shop::*', { node: 'work*' })], { spawned: 2 });
    const last = `${SPAWNED}2`;
    expect(say('gate', '', SPAWN, SPAWNED, 'till')).toEqual(refusal('to spawn "till" on "gate"', spawn('till', { node: 'gate' }), kil0(`gate#${SPAWNED}`)));
    expect(say('worker', '', SPAWN, SPAWNED, 'cart')).toMatchObject({ kind: 'refused' });
    expect(say('gate', '', SPAWN, SPAWNED, 'shop::cart')).toMatchObject({ kind: 'refused' });
    for (const name of ['s1', 'lobby', '', `s${'x'.repeat(46)}`, `s${'o'.repeat(24)}${'0'.repeat(22)}`, SPAWNED.slice(0, -1), `${SPAWNED}#`, `${SPAWNED}\n`]) {
      expect(say('gate', '', SPAWN, name, 'cart'), name).toMatchObject({ kind: 'refused', what: expect.stringContaining('by the name') as string });
    }
    expect(say('gate', '', SPAWN, SPAWNED, 'cart', TELLING)).toEqual(refusal(tells('to spawn "cart"'), undefined, kil0(`gate#${SPAWNED}`)));
    expect(say('gate', '', SPAWN, SPAWNED, 'cart', 1)).toEqual(PASS);
    expect(say('worker', '', SPAWN, SPAWNED, 'shop::cart')).toEqual(PASS);
    expect(say('gate', '', SPAWN, last, 'cart')).toEqual(refusal('to spawn "cart" on "gate": its limit "spawned" is 2', undefined, kil0(`gate#${last}`)));
  });

  it('G2: a call passes for functions that it may run', () => {
    const { say } = bench([spawn('main::hi'), spawn('shop::*', { node: 'worker' })]);
    expect(say('gate', '', 'main::hi', `${GUEST}#own`)).toEqual(PASS);
    // one function has several names, and a right is for the function
    expect(say('gate', '', '::hi')).toEqual(PASS);
    expect(say('worker', '', 'shop::price', 1)).toEqual(PASS);
    for (const [node, name, right = name] of [['worker', 'main::hi', 'hi'], ['gate', 'shop::price'], ['gate', 'main::hi::x', 'hi::x'], ['gate', 'AnyEvent::MP::Kernel::x']] as const) {
      expect(say(node, '', name)).toEqual(refusal(`to call "${name}" on "${node}"`, spawn(right, { node })));
    }
    expect(say('gate', '', 'main::hi', TELLING)).toEqual(refusal(tells('to call "main::hi"')));
  });

  it('G2: what has a table of its own goes there, and everything else is refused', () => {
    const { say } = bench([spawn('*'), spawn('*', { node: '*' })]);
    expect(say('gate', '', 'rxmp_channel', 'open')).toEqual({ kind: 'channel' });
    expect(say('gate', '', 'rxmp_guest', 'renew')).toEqual({ kind: 'control' });
    for (const tag of ['g_slave', 'g_upd', 'g_mon1', 'g_find', 'g_global', 'g_set']) expect(say('gate', '', tag)).toEqual({ kind: 'database' });
    for (const tag of ['g_nothing', 'G_upd', 'rxmp_taken', 'rxmp_from', 'unknown', '__proto__', 'toString', 'constructor']) {
      expect(say('gate', '', tag)).toEqual(refusal(`the request "${tag}" of ${GUEST} to "gate"`));
    }
  });

  it('D9: what has the wrong shape throws ProtocolError', () => {
    const { say } = bench([spawn('*')]);
    const long = 'x'.repeat(defaultLimits.nameSize + 1);
    for (const message of [['mon1'], ['mon1', 1], ['mon0', null], ['kil1', new Uint8Array([1])], ['snd', {}], ['can', 'x', 1], ['time', [GUEST]], ['eval', 1], [SPAWN, 's'], [1], [{}], [['mon1']], ['mon1', long], [long]]) {
      expect(() => say('gate', '', ...message), JSON.stringify(message).slice(0, 80)).toThrow(ProtocolError);
    }
  });
});
