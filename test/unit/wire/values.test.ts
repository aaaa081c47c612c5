import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { decodeDatabaseRequest, encodeDatabaseRequest } from '../../../src/wire/database.js';
import { receivedValue } from '../../../src/wire/database-values.js';
import { FlatEntries } from '../../../src/wire/entries.js';
import { BadNodeId, MessageTooLarge, ProtocolError } from '../../../src/wire/errors.js';
import { framings } from '../../../src/wire/framing.js';
import { createJsonBatch, lengthOf } from '../../../src/wire/json-batch.js';
import { createJsonLinesBatch, messagesOf } from '../../../src/wire/json-lines-batch.js';
import { kindOf, LONGER } from '../../../src/wire/message.js';
import { createOctetBuffer, isOctets, textOf } from '../../../src/wire/octets.js';
import { plain, wellFormed } from '../../../src/wire/plain.js';
import { checkedNode, idTextOf, isPortId, portIdOf } from '../../../src/wire/portid.js';
import { shown } from '../../../src/wire/printable.js';
import { decodeRequest } from '../../../src/wire/requests.js';
import { checkSize, countOctets } from '../../../src/wire/size.js';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('ids of ports', () => {
  it.each([
    ['n#p', 'n', true],
    ['host:4040#a#b', 'host:4040', true],
    ['n', 'n', false],
    ['n#', 'n', false],
  ])('%j is of node %s; a port of its own: %j', (id, node, isPort) => {
    expect([checkedNode(id), portIdOf(id), portIdOf({ id }), isPortId(id)]).toEqual([node, id, id, isPort]);
  });

  it.each(['', '#p', 'a b#p', 'ä#p', `${'n'.repeat(256)}#p`])('%j is none', (id) => {
    expect(isPortId(id)).toBe(false);
    expect(() => checkedNode(id)).toThrow(BadNodeId);
    expect(() => portIdOf(id)).toThrow(`${shown(id)} is no port id: expected node#name`);
    expect(() => portIdOf({ id })).toThrow(BadNodeId);
  });

  it.each([[5, 'number'], [null, 'null'], [undefined, 'undefined'], [{}, 'object'], [{ id: 5 }, 'object'], [() => 'n#p', 'function']])('%j is no port', (value, kind) => {
    expect(isPortId(value)).toBe(false);
    expect(() => idTextOf(value)).toThrow(new BadNodeId(`expected a port or a port id, got ${kind}`));
  });
});

describe('entries in one list', () => {
  const entries = (): FlatEntries => {
    const made = new FlatEntries();
    for (const [key, value] of [['a', 1], ['b', undefined], ['__proto__', { c: 2 }]] as const) made.add(key, value);
    return made;
  };

  it('are a map of them', () => {
    const map = new Map<string, unknown>([['a', 1], ['b', undefined], ['__proto__', { c: 2 }]]);
    expect([entries().size, new FlatEntries().size]).toEqual([3, 0]);
    for (const way of ['keys', 'values', 'entries'] as const) expect([...entries()[way]()]).toEqual([...map[way]()]);
    expect([...entries()]).toEqual([...map]);
    const told: unknown[] = [];
    const flat = entries();
    flat.forEach((value, key, all) => told.push([key, value, all === flat]));
    expect(told).toEqual([...map].map(([key, value]) => [key, value, true]));
  });

  it('are found by their keys', () => {
    const found = entries();
    expect(['a', 'b', '__proto__', 'c'].map((key) => [found.has(key), found.get(key)])).toEqual([[true, 1], [true, undefined], [true, { c: 2 }], [false, undefined]]);
  });

  it('are sent as they are kept', () => {
    const found = entries();
    expect(encodeDatabaseRequest({ kind: 'g_chg2', family: 'f', set: found, del: [] }, true)).toEqual(['g_chg2', 'f', ['a', 1, 'b', undefined, '__proto__', { c: 2 }], []]);
    expect(encodeDatabaseRequest({ kind: 'g_chg2', family: 'f', set: new FlatEntries(), del: [] }, true)).toEqual(['g_chg2', 'f', {}, []]);
    expect(encodeDatabaseRequest({ kind: 'g_reply', id: 1, result: new Map([['a', 1]]), more: false })).toEqual(['g_reply', 1, Object.assign(Object.create(null) as object, { a: 1 })]);
  });
});

describe('octets that come in pieces', () => {
  it.each([1, 7, 100, 255, 256, 257, 1_000])('are put together, whatever their size: %i', (size) => {
    const buffer = createOctetBuffer();
    for (let round = 0; round < 2; round++) {
      const all: number[] = [];
      for (let i = 0; i < 20; i++) {
        expect(buffer.length).toBe(all.length);
        const piece = Uint8Array.from({ length: size }, (_, at) => (i + at + round) % 256);
        all.push(...piece);
        buffer.append(piece);
      }
      const taken = buffer.take();
      expect([...taken]).toEqual(all);
      expect([buffer.length, buffer.take().length]).toEqual([0, 0]);
      // what was taken is the taker's
      buffer.append(Uint8Array.of(1, 2, 3));
      expect([...taken]).toEqual(all);
      buffer.take();
    }
  });

  it.each([1, 1_023, 1_024, 1_025, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, 2 ** 20 + 2, 2 * 2 ** 20 + 1])('that are UTF-8 are a text, at every length: %i', (length) => {
    for (const [end, text] of [['', ''], ['\ufeff', '\ufeff'], ['\ufffd', '\ufffd'], ['😀', '😀']] as const) {
      const whole = octets(`${'x'.repeat(Math.max(0, length - octets(end).length))}${end}y`);
      expect(textOf(whole)?.endsWith(`${text}y`)).toBe(true);
      expect(textOf(whole)?.length).toBe(whole.length - octets(end).length + end.length);
    }
    const marked = octets(`\ufeff${'x'.repeat(length)}`);
    expect(textOf(marked)?.charCodeAt(0)).toBe(0xfeff);
    const broken = octets('x'.repeat(length));
    for (const bad of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xef, 0xbf]]) {
      expect(textOf(Uint8Array.from([...broken.subarray(0, 5), ...bad, ...broken.subarray(5, 3_000)]))).toBeUndefined();
      const late = new Uint8Array(length + bad.length);
      late.set(broken);
      late.set(bad, length);
      expect(textOf(late)).toBeUndefined();
    }
  });

  it('are a Uint8Array, and no other view', () => {
    expect([new Uint8Array(1), Buffer.from('a')].map(isOctets)).toEqual([true, true]);
    expect([new Int8Array(1), new DataView(new ArrayBuffer(1)), new Uint8ClampedArray(1), [1], 'a', null, undefined, { [Symbol.toStringTag]: 'Uint8Array' }].some(isOctets)).toBe(false);
  });
});

describe('what is too large to be sent', () => {
  const limits = { messageSize: 30, messageItems: 1_000 };
  it.each([
    ['text', 'x'.repeat(30), 30],
    ['text of two octets each', 'é'.repeat(15), 30],
    ['text of three', '€'.repeat(10), 30],
    ['pairs', '😀'.repeat(7), 28],
    ['octets', new Uint8Array(30), 30],
  ])('%s: more than messageSize, to the octet', (_what, encoded, size) => {
    const check = (messageSize: number) => () => { checkSize(encoded, 'p', [], { ...limits, messageSize }); };
    expect(check(size)).not.toThrow();
    expect(check(size - 1)).toThrow(new MessageTooLarge(`a message of ${size} octets to port "p" is too large: limits.messageSize is ${size - 1}`));
  });

  it('more than messageItems, with the port, to the item', () => {
    const message = [1, [2, 3], { a: [] }, {}];
    // p, 1, the list and its two, the object, its key, its value which is empty, and the empty object
    const items = 1 + 4 + 2 + 2 + 1 + 1;
    const encoded = framings.get('json')?.encode('p', message) ?? '';
    const check = (messageItems: number) => () => { checkSize(encoded, 'p', message, { messageSize: 1_000, messageItems }); };
    expect(check(items)).not.toThrow();
    expect(check(items - 1)).toThrow(new MessageTooLarge(`a message of ${items} items to port "p" is too large: limits.messageItems is ${items - 1}`));
  });

  it.each(['', 'x', 'é\u07ff\u0800\uffff', '\u007f\u0080', '😀x', '\ud7ff\ue000'])('%j has as many octets as its UTF-8', (text) => {
    expect(countOctets(text)).toBe(octets(text).length);
  });
});

describe('what JSON would make of a value', () => {
  class Own { a = 1; b = undefined; }
  const list = Object.assign([1, , 3] as unknown[], { x: 1 });
  it.each<[unknown, unknown]>([
    [undefined, null], [() => 1, null], [Symbol('a'), null],
    [null, null], ['a', 'a'], [1n, 1n], [Number.NaN, Number.NaN], [true, true],
    [[undefined, () => 1, Symbol('a'), [undefined]], [null, null, null, [null]]],
    [{ a: undefined, b: () => 1, c: Symbol('a'), d: null, e: [undefined] }, { d: null, e: [null] }],
    [new Own(), { a: 1 }],
    [{ toJSON: () => ({ toJSON: () => [undefined] }) }, [null]],
    [{ toJSON: 5 }, { toJSON: 5 }],
    [[Object('a'), Object(1), Object(false)], ['a', 1, false]],
    [list, [1, null, 3]],
  ])('case %#', (value, made) => {
    expect(plain(value)).toStrictEqual(made);
  });

  it('is the value itself when that is plain', () => {
    for (const value of [[1, [{ a: [null] }]], { a: { b: [] } }, Object.create(null), new Uint8Array(2), []]) expect(plain(value)).toBe(value);
  });

  it('leaves what it was made of as it is', () => {
    const value = [1, undefined, { a: undefined }];
    plain(value);
    expect(value).toStrictEqual([1, undefined, { a: undefined }]);
  });

  it('is of a class that is plain data as well', () => {
    const made = plain(new (class extends Array<number> {})(1, 2, 3)) as unknown[];
    expect([made, made.constructor]).toEqual([[1, 2, 3], Array]);
    expect(Object.getPrototypeOf(plain(new Own()))).toBe(Object.prototype);
    expect(Object.keys(plain({ ['__proto__']: 1, a: undefined }) as object)).toEqual(['__proto__']);
  });

  it('may nest 2,000 levels deep', () => {
    const nested = (levels: number): unknown => {
      let value: unknown = 1;
      for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { a: value };
      return value;
    };
    expect(() => plain(nested(2_001))).not.toThrow();
    expect(() => plain(nested(2_002))).toThrow('a message nests deeper than 2000 levels');
    const again = { toJSON: (): unknown => again };
    expect(() => plain(again)).toThrow('contains itself');
  });

  it('is well formed with U+FFFD for halves of surrogate pairs, in keys too', () => {
    const octets = Uint8Array.of(1);
    expect(wellFormed(['a\ud800', { 'b\udc00': ['\ud800'] }, 1, null, octets])).toEqual(['a\ufffd', { 'b\ufffd': ['\ufffd'] }, 1, null, octets]);
  });
});

describe('what somebody sent, in words', () => {
  it.each<[unknown, string]>([
    [undefined, 'nothing'], [[], 'an array'], [new Uint8Array(3), '3 octets'], [5n, 'a large integer'], [{}, 'an object'], [null, 'null'], ['a', '"a"'],
    ['x'.repeat(78), `"${'x'.repeat(78)}"`],
    ['x'.repeat(79), `"${'x'.repeat(79)}…`],
  ])('case %#', (value, words) => {
    expect(kindOf(value)).toBe(words);
  });

  it('is quoted up to 200 characters', () => {
    expect(shown('x'.repeat(200))).toBe(`"${'x'.repeat(200)}"`);
    expect(shown('x'.repeat(201))).toBe(`"${'x'.repeat(200)}…"`);
  });
});

describe.each(['rxmp_json', 'json'])('messages that are written together: %s', (name) => {
  const framing = framings.get(name);
  const messages: [string, unknown[]][] = [['a', []], ['a', ['x', 1]], ['b', [null, true, -1.5e-300]], ['a', ['],[', '\n']], ['', ['\u0001"é😀']]];
  const encoded = (): string[] => messages.map(([port, message]) => `${JSON.stringify([port, ...message])}\n`);

  it('are expected to be so long as they get at most, without escapes', () => {
    for (const [port, message] of [['p', ['x'.repeat(10), 1]], ['', [-1.2345678901234567e-300, -1.2345678901234567e-300]], ['port', [false, null, true]], ['p', []]] as const) {
      const expected = framing?.batching?.lengthOf(port, message) ?? 0;
      expect(expected).toBeGreaterThanOrEqual(framing?.encode(port, message).length ?? Infinity);
      const batch = framing?.batching?.batch();
      batch?.add(port, message);
      expect(batch?.take(1_000)[0]?.length).toBeLessThanOrEqual(expected);
      // what hardly grows must not be taken for long
      expect(expected).toBeLessThanOrEqual(port.length + message.join('').length + 30 * (message.length + 1));
    }
    const escapes = '\u0001'.repeat(50);
    expect(framing?.encode(escapes, [escapes]).length).toBeLessThanOrEqual(LONGER * (lengthOf(escapes, [escapes]) ?? 0));
  });

  it.each([[{}], [[]], [undefined], [() => 1], [1n], [new Uint8Array(1)]])('are not those that may change or be refused: case %#', (value) => {
    expect(framing?.batching?.lengthOf('p', ['a', value])).toBeUndefined();
  });

  it('are in one piece, or in one each where that would be too long, to the unit', () => {
    const fill = () => {
      const batch = framing?.batching?.batch();
      for (const [port, message] of messages) batch?.add(port, message);
      return batch;
    };
    const [whole = ''] = fill()?.take(Infinity) ?? [];
    expect(fill()?.take(whole.length)).toEqual([whole]);
    expect(fill()?.take(whole.length - 1)).toEqual(encoded());
    const batch = fill();
    batch?.take(1);
    batch?.add('c', [1]);
    expect(batch?.take(5)).toEqual(['["c",1]\n']);
    batch?.add('c', [2]);
    expect(batch?.take(1_000)).toHaveLength(1);
  });
});

describe('batches', () => {
  it('of JSON are a line for each message, whatever is in them', () => {
    for (const texts of [['a', 'b'], ['],[', 'b'], [']', '['], ['],[', '],[']]) {
      const batch = createJsonBatch();
      for (const text of texts) batch.add('p', [text]);
      expect(batch.take(1_000)).toEqual([texts.map((text) => `${JSON.stringify(['p', text])}\n`).join('')]);
    }
  });

  it('name the port again after they were taken', () => {
    const batch = createJsonLinesBatch();
    batch.add('p', [1]);
    batch.take(100);
    batch.add('p', [2]);
    expect(batch.take(100)).toEqual(['[1,"p",1,2]\n']);
  });

  it.each<[string, unknown[]]>([
    ['a batch has a message before the first port', [1, 0]],
    ['a batch ends within a message, at 4 of 5', [1, 'p', 2, 1]],
    ['a batch of 1 messages goes on, at 3 of 4', [1, 'p', 0, 0]],
    ['a batch has a number of elements at 2, got nothing', [1, 'p']],
    ['a batch has a number of elements at 0, got "1"', ['1', 'p', 0]],
  ])('say what is wrong: %s', (text, list) => {
    expect(() => { messagesOf(list, () => undefined); }).toThrow(new ProtocolError(text));
  });
});

describe('names in requests are kept to their limits, to the unit', () => {
  const limits = { ...defaultLimits, nameSize: 20, familySize: 10, keySize: 10 };
  const ten = 'k'.repeat(10);
  const twenty = 'n'.repeat(20);
  it.each<[string, readonly unknown[]]>([
    ['a request', [twenty]],
    ['a port', ['mon1', twenty]],
    ['a port that is killed', ['kil0', twenty]],
    ['a node', ['snd', twenty]],
    ['a request that is asked about', ['can', twenty]],
    ['where to answer', ['time', twenty]],
    ['where to answer, can', ['can', 'x', twenty]],
    ['where to answer, eval', ['eval', 'x', twenty]],
  ])('%s', (_what, message) => {
    expect(() => decodeRequest(message, limits)).not.toThrow();
    const longer = message.map((part) => (part === twenty ? `${twenty}n` : part));
    expect(() => decodeRequest(longer, limits)).toThrow('of 21 characters: expected 20 at most (limits.nameSize)');
  });

  it('the text of eval is no name', () => {
    expect(decodeRequest(['eval', `${twenty}n`], limits)).toEqual({ kind: 'eval', text: `${twenty}n`, reply: [] });
  });

  it('both names of spawn', () => {
    const init = 'i'.repeat(20);
    const at = { ...limits, nameSize: 'AnyEvent::MP::_spawn'.length };
    expect(() => decodeRequest(['AnyEvent::MP::_spawn', twenty, init], at)).not.toThrow();
    expect(() => decodeRequest(['AnyEvent::MP::_spawn', `${twenty}n`, init], at)).toThrow('limits.nameSize');
    expect(() => decodeRequest(['AnyEvent::MP::_spawn', twenty, `${init}i`], at)).toThrow('limits.nameSize');
  });

  it.each<[string, readonly unknown[], RegExp]>([
    ['a family', ['g_mon1', ten], /is no family/],
    ['a family with an apostrophe', ['g_mon1', `'${ten.slice(1)}`], /is no family/],
    ['a family of a shard', ['g_set', { [ten]: {} }], /is no family/],
    ['a key', ['g_upd', 'f', { [ten]: 1 }], /a key has 11 characters, expected 1 to 10/],
    ['a key in a list', ['g_upd', 'f', [ten, 1]], /a key has 11 characters/],
    ['a key that is deleted', ['g_upd', 'f', null, [ten]], /a key has 11 characters/],
    ['a node', ['g_find', twenty], /a node id of 21 characters/],
    ['a node that is found', ['g_found', twenty, []], /a node id of 21 characters/],
    ['the mark of a question', ['g_db_keys', 'f', twenty], /an id of 21 characters/],
    ['the mark of an answer', ['g_reply', twenty, 1], /an id of 21 characters/],
  ])('of the database: %s', (_what, message, refusal) => {
    const decode = (parts: unknown): unknown => {
      const [tag, ...args] = parts as readonly unknown[];
      return decodeDatabaseRequest(String(tag), args, limits);
    };
    const longer = JSON.parse(JSON.stringify(message).replace(ten, `${ten}k`).replace(twenty, `${twenty}n`).replace(`'${ten.slice(1)}"`, `'${ten}"`)) as unknown;
    expect(() => decode(message)).not.toThrow();
    expect(() => decode(longer)).toThrow(refusal);
  });
});

describe('a value of the database from another node', () => {
  const limits = { messageSize: 200, messageDepth: 8, messageItems: 100 };
  const received = (value: unknown, key = 'k'): unknown => receivedValue('fam', key, value, limits);

  it.each<[unknown, unknown]>([
    ['a', 'a'], [1.5, 1.5], [null, null], [true, true], [undefined, undefined],
    [Number.NaN, null], [Infinity, null], [-0, 0], [[-0], [0]], [10n ** 20n, 1e20], [Uint8Array.of(0x66, 0xfc), 'fü'],
    ['\ud800', '\ufffd'], [{ '\ud800': ['\udc00', { a: Number.NaN }] }, { '\ufffd': ['\ufffd', { a: null }] }],
  ])('becomes what every node can be told: case %#', (value, made) => {
    expect(received(value)).toStrictEqual(made);
  });

  it('has a key __proto__ like any other', () => {
    expect(Object.keys(received(JSON.parse('{"__proto__":1}')) as object)).toEqual(['__proto__']);
  });

  it.each([['lists', (value: unknown) => [value]], ['objects', (value: unknown) => ({ a: value })]])('nests four levels less than a message: %s', (_what, wrap) => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : wrap(nested(levels - 1)));
    expect(() => received(nested(4))).not.toThrow();
    expect(() => received(nested(5))).toThrow(new ProtocolError('a value of the database nests too deep (limits.messageDepth)'));
  });

  it.each(['x', 'é', '\u0001'])('is as long as fits, to the octet: of %j', (unit) => {
    // what is around it, and the name of the family
    const room = limits.messageSize - 64 - 'fam'.length;
    const fits = Math.floor((room - '["k",""]'.length) / octets(JSON.stringify(unit).slice(1, -1)).length);
    expect(() => received(unit.repeat(fits))).not.toThrow();
    expect(() => received(unit.repeat(fits + 1))).toThrow('is too large for a message (limits.messageSize is 200, limits.messageItems 100)');
  });

  it('has as many items as fit', () => {
    const many = (items: number): unknown => receivedValue('fam', 'k', Array.from({ length: items }, () => 1), { ...limits, messageSize: 10_000 });
    expect(() => many(36)).not.toThrow();
    expect(() => many(37)).toThrow('is too large for a message');
  });
});
