import { describe, expect, it } from 'vitest';
import { MessageTooLarge, ProtocolError } from '../../../src/wire/errors.js';
import { createJsonLinesBatch, LONGEST_BATCH } from '../../../src/wire/json-lines-batch.js';
import { decodeAll, limits } from '../../fixtures/decode.js';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
/** One chunk, octet by octet, and as a frame of text: however it comes. */
const ways = (text: string): (Uint8Array | string)[][] => [[octets(text)], Array.from(octets(text), (octet) => Uint8Array.of(octet)), [text]];

describe('batches, writing', () => {
  it('names a port once for all messages in a row', () => {
    const batch = createJsonLinesBatch();
    batch.add('a', ['item', 1]);
    batch.add('a', ['item', 2]);
    batch.add('b', []);
    batch.add('a', [null, '\n']);
    expect(batch.take(1_000)).toEqual(['[4,"a",2,"item",1,2,"item",2,"b",0,"a",2,null,"\\n"]\n']);
    batch.add('a', [3]);
    expect(batch.take(1_000)).toEqual(['[1,"a",1,3]\n']);
  });

  it('is in pieces where it would be too long', () => {
    const batch = createJsonLinesBatch();
    batch.add('a', ['\u0001']);
    batch.add('a', [2]);
    expect(batch.take(20)).toEqual(['["a","\\u0001"]\n', '["a",2]\n']);
  });
});

describe('lines, reading', () => {
  it.each([
    ['messages', '["a",1]\n["b",{"k":[2]}]\n', [['a', 1], ['b', { k: [2] }]]],
    ['a batch', '[2,"a",1,1,"b",2,{"k":[2]},null]\n', [['a', 1], ['b', { k: [2] }, null]]],
    ['both', '["a"]\n[1,"b",0]\n["c"]\n', [['a'], ['b'], ['c']]],
    ['a batch of nothing', '[0]\n["a"]\n', [['a']]],
    ['signs of life', '[""]\n[]\n[null,1]\n', [[''], [], [null, 1]]],
    ['white space in a line', ' [ 1 ,"a", 1,\t"é" ] \r\n', [['a', 'é']]],
  ])('%s', (_, text, messages) => {
    for (const chunks of ways(text)) expect(decodeAll('rxmp_json', chunks)).toEqual({ messages });
  });

  it('a line that has not ended is no message yet', () => {
    expect(decodeAll('rxmp_json', ['["a"]', '\n["b"]'])).toEqual({ messages: [['a']] });
  });

  it.each([
    ['no array', '{"a":1}'],
    ['an empty line', ''],
    ['two messages on a line', '["b"]["c"]'],
    ['a message on two lines', '["b",\n1]'],
    ['a control character', '["b\u0001"]'],
    ['a port that is no name', '[true,"b"]'],
    ['a batch that ends within a message', '[1,"b",2,1]'],
    ['a batch that ends before its last message', '[3,"a",0]'],
    ['a batch that goes on', '[0,"b",0]'],
    ['a batch without a port', '[1,1,"b"]'],
    ['a batch that has fewer than no messages', '[-1]'],
    ['a batch that has half a message', '[0.5,"b",0]'],
    ['a batch with half an element', '[1,"b",0.5]'],
    ['a batch with an element too few', '[1,"b",-1,1]'],
    ['a batch whose number is a text', '[1,"b","1",1]'],
    ['a batch with more elements than there are', '[1,"b",9007199254740991]'],
  ])('%s ends it, after the messages before', (_, line) => {
    for (const chunks of ways(`["a"]\n${line}\n["b"]\n`)) {
      const { messages: before, error } = decodeAll('rxmp_json', chunks);
      expect(before[0]).toEqual(['a']);
      expect(before).not.toContainEqual(['b']);
      expect(error).toBeInstanceOf(ProtocolError);
    }
  });

  it('refuses octets that are not UTF-8, after the messages before', () => {
    const { messages: before, error } = decodeAll('rxmp_json', [Buffer.from('["a"]\n["\xff"]\n["b"]\n', 'latin1')]);
    expect(before).toEqual([['a']]);
    expect(error).toBeInstanceOf(ProtocolError);
  });

  it('keeps messageSize, in a batch too', () => {
    const within = { messageSize: 20, messageDepth: 512 };
    const exact = 'x'.repeat(12);
    const fits = [['p', exact], ['p', exact]];
    for (const text of [`["p","${exact}"]\n["p","${exact}"]\n`, `[2,"p",1,"${exact}",1,"${exact}"]\n`]) {
      for (const chunks of ways(text)) expect(decodeAll('rxmp_json', chunks, within)).toEqual({ messages: fits });
    }
    for (const text of [`["a"]\n["p","${exact}x"]\n`, `[2,"a",0,"p",1,"${exact}x"]\n`, `["a"]\n["p","${exact.slice(1)}é"]\n`]) {
      for (const chunks of ways(text)) {
        const { messages: before, error } = decodeAll('rxmp_json', chunks, within);
        expect(before).toEqual([['a']]);
        expect(error).toBeInstanceOf(MessageTooLarge);
      }
    }
  });

  it('keeps messageDepth, in a batch too', () => {
    const within = { messageSize: 1e6, messageDepth: 8 };
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    for (const line of [`["p",${nested(7)}]\n`, `[1,"p",1,${nested(7)}]\n`]) {
      expect(decodeAll('rxmp_json', [line], within)).toEqual({ messages: [['p', JSON.parse(nested(7))]] });
    }
    for (const line of [`["p",${nested(8)}]\n`, `[1,"p",1,${nested(8)}]\n`, `["p",{"a":${nested(7)}}]\n`]) {
      expect(decodeAll('rxmp_json', [line], within).error).toBeInstanceOf(ProtocolError);
    }
  });

  it('a batch has a megabyte at most, to the octet', () => {
    const around = '[1,"p",1,""]'.length;
    const batch = (length: number): string => `[1,"p",1,"${'x'.repeat(length - around)}"]\n`;
    for (const way of [octets, String]) {
      expect(decodeAll('rxmp_json', [way(batch(1_048_576))]).messages).toHaveLength(1);
      expect(decodeAll('rxmp_json', [way(batch(1_048_577))]).error).toEqual(new ProtocolError('a batch has 1048577 octets: the longest may have 1048576'));
    }
  });

  it('a message that is longer than a batch keeps messageSize to the octet', () => {
    const line = octets(`["p","${'x'.repeat(1_200_000)}"]\n`);
    const size = line.length - 1;
    for (const chunks of [[line], [line.subarray(0, 1_100_000), line.subarray(1_100_000)], [line.subarray(0, size), line.subarray(size)]]) {
      expect(decodeAll('rxmp_json', chunks, { messageSize: size, messageDepth: 8 }).messages).toHaveLength(1);
      expect(decodeAll('rxmp_json', chunks, { messageSize: size - 1, messageDepth: 8 }).error).toBeInstanceOf(MessageTooLarge);
    }
  });

  it('a message may be longer than a batch, a batch may not', () => {
    const long = 'x'.repeat(LONGEST_BATCH);
    expect(decodeAll('rxmp_json', [`["p","${long}"]\n`])).toEqual({ messages: [['p', long]] });
    expect(decodeAll('rxmp_json', [`[1,"p",1,"${long}"]\n`]).error).toBeInstanceOf(ProtocolError);
  });

  it('brackets without end are not parsed', () => {
    const before = process.memoryUsage().rss;
    const { error } = decodeAll('rxmp_json', [octets(`["p",${'['.repeat(30e6)}\n`)], limits);
    expect(error).toBeInstanceOf(ProtocolError);
    expect(process.memoryUsage().rss - before).toBeLessThan(300e6);
  });

  it('a line that is longer than anything is refused before its end', () => {
    const piece = octets('x'.repeat(600_000));
    for (const chunks of [[piece, piece], [piece, octets(`${'x'.repeat(600_000)}\n`)], [octets(`${'x'.repeat(1_200_000)}\n`)]]) {
      expect(decodeAll('rxmp_json', chunks, { messageSize: 1_000, messageDepth: 8 }).error).toBeInstanceOf(MessageTooLarge);
    }
  });
});
