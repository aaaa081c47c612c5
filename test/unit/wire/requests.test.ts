import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/env/limits.js';
import { ProtocolError } from '../../../src/wire/errors.js';
import { makePortId, nodeOf, portNameOf } from '../../../src/wire/portid.js';
import { decodeRequest, request, type Request } from '../../../src/wire/requests.js';
import { recordings } from '../../fixtures/recordings.js';

const table: readonly (readonly [readonly unknown[], Request])[] = [
  [request.mon1('p'), { kind: 'mon1', port: 'p' }],
  [request.mon0('p'), { kind: 'mon0', port: 'p' }],
  [request.kil0('p', []), { kind: 'kil0', port: 'p', reason: [] }],
  [request.kil1('p', ['bye', 1]), { kind: 'kil1', port: 'p', reason: ['bye', 1] }],
  [request.snd('n', ['time', 'n#r']), { kind: 'snd', to: 'n', message: ['time', 'n#r'] }],
  [['can', 'mon1', 'n#r', 'x'], { kind: 'can', tag: 'mon1', reply: ['n#r', 'x'] }],
  [['time', 'n#r'], { kind: 'time', reply: ['n#r'] }],
  [['eval', '1+1'], { kind: 'eval', text: '1+1', reply: [] }],
  [request.devnull(1, 2), { kind: 'devnull' }],
  [request.keepalive(), { kind: 'keepalive' }],
  [request.spawn('p', '::init', [1]), { kind: 'spawn', port: 'p', init: '::init', data: [1] }],
  [['A::b', 1], { kind: 'call', name: 'A::b', args: [1] }],
  [['::init', 'n#p'], { kind: 'call', name: '::init', args: ['n#p'] }],
  [['g_find', 'n'], { kind: 'other', tag: 'g_find', args: ['n'] }],
  [['__proto__', 1], { kind: 'other', tag: '__proto__', args: [1] }],
];

describe('node-port requests (wire.md 2)', () => {
  it.each(table)('%j', (message, decoded) => {
    expect(decodeRequest(message, defaultLimits)).toEqual(decoded);
  });

  it.each([[[]], [['']], [[null]], [['', 'x']]])('%j keeps alive', (message) => {
    expect(decodeRequest(message, defaultLimits)).toEqual({ kind: 'keepalive' });
  });

  it.each<[reason: string, message: unknown[]]>([
    ['mon1 wants a port name, got 5', ['mon1', 5]],
    ['mon0 wants a port name, got nothing', ['mon0']],
    ['kil0 wants a port name, got null', ['kil0', null]],
    ['kil1 wants a port name, got an array', ['kil1', ['p']]],
    ['snd wants a port id, got an object', ['snd', {}]],
    ['snd wants a port id, got 3 octets', ['snd', new Uint8Array(3)]],
    ['can wants the name of a request, got 1', ['can', 1]],
    ['can wants a port id to answer, got 1', ['can', 'x', 1]],
    ['time wants a port id to answer, got true', ['time', true]],
    ['eval wants a text, got a large integer', ['eval', 10n ** 20n]],
    ['AnyEvent::MP::_spawn wants the name of a function, got nothing', ['AnyEvent::MP::_spawn', 'p']],
    ['a request to a node has a name, got 5', [5]],
  ])('refuses: %s', (reason, message) => {
    expect(() => decodeRequest(message, defaultLimits)).toThrow(new ProtocolError(reason));
  });

  it('reads every recorded one', () => {
    const kinds = new Set<string>();
    for (const { streams } of recordings) {
      for (const message of streams.flatMap((stream) => stream.messages)) {
        const [port, ...rest] = message as unknown[];
        if (port === '') kinds.add(decodeRequest(rest, defaultLimits).kind);
      }
    }
    const all = ['call', 'can', 'devnull', 'eval', 'keepalive', 'kil0', 'kil1', 'mon0', 'mon1', 'other', 'snd', 'spawn', 'time'];
    expect([...kinds].sort()).toEqual(all);
  });
});

describe('port ids', () => {
  it.each([
    ['n#p', 'n', 'p'],
    ['n', 'n', ''],
    ['n#a#b', 'n', 'a#b'],
  ])('%s', (id, node, name) => {
    expect([nodeOf(id), portNameOf(id), makePortId(node, name)]).toEqual([node, name, id]);
  });
});
