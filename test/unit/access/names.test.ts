import { portError } from 'rxmp';
import { attenuate, read, spawn, write } from 'rxmp/guests';
import { describe, expect, it } from 'vitest';
import { createHolder } from '../../../src/access/core/holder.js';
import type { Right } from '../../../src/access/core/rights.js';

const GUEST = 'guest:AAAAAAAAAAAAAAAAAAAAAAAA';
const world = { gate: 'gate', isKey: () => false, hasPortOf: () => false, isNode: () => true };

function holding(...rights: readonly Right[]) {
  const holder = createHolder(GUEST, world);
  holder.setRights(rights);
  return holder;
}

describe('G1: names of functions', () => {
  it('are one whether or not they stand in main', () => {
    for (const right of ['cart', 'main::cart', '::cart']) {
      for (const name of ['cart', 'main::cart', '::cart', 'main::main::cart']) expect(holding(spawn(right)).mayRun(name, 'gate'), `${right} ${name}`).toBe(true);
      expect(holding(spawn(right)).mayRun('shop::cart', 'gate')).toBe(false);
    }
    // who may run what begins with m may not run everything
    for (const name of ['main::erase', '::erase', 'main::main::erase']) expect(holding(spawn('m*')).mayRun(name, 'gate')).toBe(false);
    expect(holding(spawn('m*')).mayRun('main::move', 'gate')).toBe(true);
  });

  it.each(['rxmp::guests::revoke', 'AnyEvent::MP::DataConn::_expect'])('of rxmp itself have to be given by name: no * stands for %s', (name) => {
    for (const other of [name, `main::${name}`, `::${name}`, `main::main::${name}`]) {
      for (const right of ['*', `${name.slice(0, 1)}*`, 'rxmp::*', 'rxmp::guests::*', 'AnyEvent::*', 'main::*']) {
        expect(holding(spawn(right)).mayRun(other, 'gate'), `${right} ${other}`).toBe(false);
        expect(holding(spawn(right, { node: '*' })).mayRun(other, 'worker')).toBe(false);
      }
      expect(holding(spawn(name)).mayRun(other, 'gate')).toBe(true);
    }
    expect(holding(spawn('*')).mayRun('rxmpress', 'gate')).toBe(true);
  });
});

describe('G1: rights in common', () => {
  it('have no more in them than either list, as for names of the network itself', () => {
    const own = [read("'guests"), spawn('rxmp::guests::show')];
    const all = [read('*'), spawn('*'), write('*')];
    expect(attenuate(own, all)).toEqual([]);
    expect(attenuate(all, own)).toEqual([]);
    expect(attenuate(own, own)).toEqual(own);
    expect(attenuate([spawn('main::cart'), read('rooms')], all)).toEqual([spawn('cart'), read('rooms')]);
    expect(holding(...all).mayRead("'guests")).toBe(false);
    expect(holding(...own).mayRead("'guests")).toBe(true);
    expect(holding(...all).mayRead('federation:room')).toBe(false);
  });
});

describe('G1: what a death means that was for lack of a right', () => {
  it('says what was forbidden, and what others say of it never raw', () => {
    expect(portError('gate#x', ['forbidden', 'gate#x']).message).toBe('forbidden: to use "gate#x": that takes send("gate#x")');
    expect(portError('me#c', ['forbidden', 'me#c', 'to call "x"', 'spawn("x")']).message).toBe('forbidden: to call "x": that takes spawn("x")');
    expect(portError('me#c', ['forbidden', 'me#c', 'eval\u001b[2J', 7]).message).toBe('forbidden: eval\\u001b[2J');
  });
});
