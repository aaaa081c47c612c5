import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../src/transport/duplex.js';
import { chanceOf, type Chance } from './chance.js';
import { corpusOf, octetsOf } from './corpus.js';
import { GROWTH, INPUTS, memory, shown } from './fuzz.js';
import { mutated } from './mutate.js';
import { fuzzedServer, MAX_PAYLOAD } from './websocket-server.js';

/** Rows of frames that go over one connection, if none of them ends it; and connections at a time. */
const ROWS = 40;
const AT_A_TIME = 4;
const CHECK = 400;

const corpus = corpusOf('websocket');
const words = ['%81', '%82', '%88', '%89', '%8a', '%01', '%00', '%80', '%c1', '%fe', '%ff', '%fd', '%00%00%00%00', '%ff%ff', 'fault', '%ed%a0%80'].map(octetsOf);
const material = { corpus, words, longest: 2 * MAX_PAYLOAD };

/** A frame as a client has to send it. */
function frame(chance: Chance): Uint8Array {
  const control = chance.often(0.2);
  const payload = Buffer.from('fault or text '.repeat(30)).subarray(0, chance.below(control ? 126 : 400));
  const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  const key = Array.from({ length: 4 }, () => chance.below(256));
  const opcode = control ? chance.pick([9, 10]) : chance.pick([1, 2]);
  return Uint8Array.from([0x80 | opcode, ...length, ...key, ...payload.map((octet, i) => octet ^ (key[i % 4] ?? 0))]);
}

const make = (chance: Chance): Uint8Array => (chance.often(0.94) ? frame(chance) : mutated(chance, { ...material, corpus: [frame(chance), chance.pick(corpus)] }));

/** Gives so many inputs to a listener; returns how many of them ended their connection. */
async function fuzzFrames(inputs: number, taken: (chunk: Chunk) => void, seed = 1): Promise<number> {
  const server = await fuzzedServer(taken);
  const chance = chanceOf(seed);
  let [read, broken, connections] = [0, 0, 0];
  let waiting = [...corpus];
  try {
    const visit = async (until: number): Promise<void> => {
      while (read + broken < until) {
        const rows = waiting.splice(0, ROWS);
        while (rows.length < ROWS) rows.push(make(chance));
        const outcome = await server.send(rows);
        read += outcome.read;
        if (outcome.broke) broken++;
        // what comes after a row that has ended the connection was not read: it comes again
        waiting = [...rows.slice(outcome.read + 1), ...waiting];
        if (++connections % CHECK === 0) await server.check();
      }
    };
    const memoryAfter = async (count: number): Promise<number> => {
      await Promise.all(Array.from({ length: AT_A_TIME }, () => visit(count)));
      await server.check();
      // sockets that have closed are let go of a little later
      await new Promise((resolve) => setTimeout(resolve, 100));
      return memory();
    };
    const before = await memoryAfter(inputs / 4);
    const growth = (await memoryAfter(inputs)) - before;
    if (growth > GROWTH) throw new Error(`${inputs} inputs left ${growth} octets behind`);
  } catch (error) {
    throw new Error(`websocket, seed ${seed}, after ${read + broken} inputs: ${String(error)}; next: ${waiting.slice(0, 3).map(shown).join(' ')}`, { cause: error });
  } finally {
    server.close();
  }
  return broken;
}

describe('WebSocket frames at a listener', () => {
  it(`${INPUTS.toLocaleString('en')} inputs: nothing is thrown, other connections go on, nothing stays`, { timeout: 120_000 }, async () => {
    const broken = await fuzzFrames(INPUTS, () => undefined);
    expect(broken).toBeGreaterThan(INPUTS / 100);
    expect(broken).toBeLessThan(INPUTS / 2);
  });

  it('finds a planted fault', async () => {
    const taken = (chunk: Chunk): void => {
      if (String(chunk).startsWith('fault')) throw new TypeError('planted');
    };
    await expect(fuzzFrames(10_000, taken)).rejects.toThrow('TypeError: planted');
  });

  it('finds a planted leak', { timeout: 60_000 }, async () => {
    const kept: unknown[] = [];
    await expect(fuzzFrames(15_000, () => void kept.push(new Array(300).fill(kept.length)))).rejects.toThrow(/left \d+ octets behind/);
  });
});
