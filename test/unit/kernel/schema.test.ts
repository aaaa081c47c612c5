import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, it } from 'vitest';
import { createNode } from '../../../src/node.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';
import { recordedLog } from '../../../marbles/world.js';

/** A schema out of a function. */
function schema<T>(validate: (value: unknown) => unknown): StandardSchemaV1<unknown, T> {
  return { '~standard': { version: 1, vendor: 'test', validate: validate as StandardSchemaV1<unknown, T>['~standard']['validate'] } };
}

const positive = schema<readonly [number]>((value) => {
  const [n] = value as unknown[];
  if (typeof n === 'number' && n > 0) return { value: [n * 2] };
  return { issues: [{ message: 'expected a positive number', path: [0, { key: 'n' }] }, { message: 'really' }] };
});

async function build(one: StandardSchemaV1<unknown, readonly [number]>) {
  const clock = new VirtualClock();
  const log = recordedLog();
  const node = await createNode({ nodeid: 'a', clock, log });
  const got: unknown[] = [];
  const port = node.port<['n', number] | ['free', unknown]>((...message: readonly unknown[]) => got.push(message), {
    schemas: { n: one },
  });
  const deaths: unknown[] = [];
  node.mon(port, (...reason) => deaths.push(reason));
  return { clock, log, node, port, got, deaths };
}

describe('a port with schemas', () => {
  it('gives receivers what the schema makes of a message; other tags pass', async () => {
    const { node, port, got, log } = await build(positive);
    node.snd(port, 'n', 21);
    node.snd(port.id, 'free', 'anything');
    node.snd(String(port.id), '__proto__', 'anything');
    expect([got, log.lines]).toEqual([[['n', 42], ['free', 'anything'], ['__proto__', 'anything']], []]);
  });

  it('drops what does not fit, logs the path, and kills nothing', async () => {
    const { clock, node, port, got, log, deaths } = await build(positive);
    node.snd(port, 'n', -1);
    node.snd(String(port.id), 'n');
    node.snd(port, 'n', 1);
    clock.run();
    expect([got, deaths]).toEqual([[['n', 2]], []]);
    expect(log.lines[0]).toBe(`warn dropped a message "n" to ${port.id}: 0.n: expected a positive number; really`);
    expect(log.lines).toHaveLength(2);
  });

  const bad: [string, (value: unknown) => unknown, string][] = [
    ['throws', () => { throw new Error('bad schema'); }, 'bad schema'],
    ['throws what is no error', () => { throw 'text'; }, 'its schema threw'],
    ['is asynchronous', async () => Promise.resolve({ value: [1] }), 'its schema is asynchronous'],
    ['is asynchronous and rejects', async () => Promise.reject(new Error('late')), 'its schema is asynchronous'],
    ['gives no array', () => ({ value: undefined }), ''],
    ['gives nothing at all', () => undefined, ''],
  ];
  it.each(bad)('a schema that %s harms nobody: the sender is not thrown at', async (_what, validate, text) => {
    const { clock, node, port, got, log, deaths } = await build(schema(validate));
    expect(node.snd(port, 'n', 1)).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    clock.run();
    expect([got, deaths, log.lines.length]).toEqual([[], [], 1]);
    expect(log.lines[0]).toContain(`error dropped a message "n" to ${port.id}: `);
    expect(log.lines[0]).toContain(text);
  });
});
