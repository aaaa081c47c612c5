import { monitor, send, spawn } from 'rxmp/guests';
import { describe, expect, it } from 'vitest';
import { bench, GUEST, OTHER } from './cases.js';

describe('G3: introductions', () => {
  it('are of the ports in a message, in whatever form, and of nothing else', () => {
    const { holder } = bench();
    const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
    const message = ['worker#1', { 'worker#2': ['worker#3'] }, octets('worker#4'), [[{ a: new Map([['worker#5', 'worker#6']]) }]], 'worker', 'gate#', `${GUEST}#own`, 'a worker#7', `${OTHER}#8`, 7, null];
    expect(holder.introduce(message, { ports: 100 })).toBe(0);
    expect([...holder.introduced]).toEqual(['worker#1', 'worker#2', 'worker#3', 'worker#4', 'worker#5', 'worker#6', `${OTHER}#8`]);
    for (const port of holder.introduced) expect([holder.maySend(port), holder.mayMonitor(port), holder.secretIn([port])]).toEqual([true, true, undefined]);
    expect([holder.maySend('worker'), holder.maySend('worker#7'), holder.mayRun('x', 'worker')]).toEqual([false, false, false]);
  });

  it('are bounded: what it was told of first, and not again, is forgotten and forbidden (G8)', () => {
    const { holder } = bench();
    for (const name of ['1', '2', '3', '1']) expect(holder.introduce(`worker#${name}`, { ports: 3 })).toBe(0);
    expect(holder.introduce(['worker#4', 'worker#5'], { ports: 3 })).toBe(2);
    expect([...holder.introduced]).toEqual(['worker#1', 'worker#4', 'worker#5']);
    for (const port of ['worker#2', 'worker#3']) expect([holder.maySend(port), holder.mayMonitor(port), holder.secretIn({ port })]).toEqual([false, false, port]);
    expect(holder.introduce(Array.from({ length: 1_000 }, (_, i) => `worker#x${i}`), { ports: 3 })).toBe(1_000);
    expect(holder.introduced.size).toBe(3);
  });

  it('are not of ports with names that are too long to be kept', () => {
    const { holder } = bench();
    holder.introduce([`worker#${'x'.repeat(4_096)}`, `worker#${'x'.repeat(4_000)}`], { ports: 10 });
    expect([...holder.introduced].map((port) => port.length)).toEqual([4_007]);
  });

  it('are not of what the guest has made up itself, before anybody knew the node', () => {
    const { holder } = bench();
    expect(holder.secretIn(['C#7', 'late#x'])).toBeUndefined();
    holder.introduce(['late#x', 'late#y'], { ports: 10 });
    expect([...holder.introduced], 'who has just come may be told of before the gate knows it').toEqual(['late#y']);
    for (let n = 2; n < 1_000; n++) expect(holder.secretIn(`late#${n}`)).toBeUndefined();
    expect([holder.secretIn('late#2'), holder.secretIn('late#1000')]).toEqual([undefined, 'late#1000']);
  });

  it('end with the port', () => {
    const { holder } = bench();
    holder.introduce(['worker#1', 'gate#1'], { ports: 10 });
    holder.died('worker', '1');
    expect([...holder.introduced]).toEqual(['gate#1']);
  });
});

describe('G2: what a guest may reach', () => {
  it('are nodes with ports of its rights, or of introductions, or functions that it may run there', () => {
    const { holder } = bench([send('a#x'), monitor('b#x'), spawn('f', { node: 'c*' }), spawn('here'), send({ family: 'rooms' })], {}, { rooms: ['d#x', 'e'], other: ['f#x'] });
    expect(['a', 'b', 'c', 'cc', 'd', 'gate', 'f', 'worker'].filter(holder.mayReach)).toEqual(['a', 'b', 'c', 'cc', 'd']);
    holder.introduce('worker#x', { ports: 10 });
    expect(holder.mayReach('worker')).toBe(true);
  });

  it('the right to monitor is none to send, and none is for node ports', () => {
    const { holder } = bench([monitor('worker#seen'), monitor({ family: 'rooms' })], {}, { rooms: ['worker#room', 'worker'] });
    for (const port of ['worker#seen', 'worker#room']) expect([holder.maySend(port), holder.mayMonitor(port)]).toEqual([false, true]);
    for (const port of ['worker', 'gate', GUEST, '', '#', 'worker#']) expect([holder.maySend(port), holder.mayMonitor(port)]).toEqual([false, false]);
  });
});
