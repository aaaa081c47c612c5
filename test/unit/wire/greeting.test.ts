import { describe, expect, it } from 'vitest';
import { BadNodeId, HandshakeFailed } from '../../../src/wire/errors.js';
import { formatAuth, formatGreeting, parseAuth, parseGreeting } from '../../../src/wire/greeting.js';
import { checkNodeId, isNodeId } from '../../../src/wire/node-id.js';

const refusal = (line: string): string => {
  try {
    parseGreeting(line);
  } catch (error) {
    if (error instanceof HandshakeFailed) return error.message;
  }
  return 'no refusal';
};

describe('the greeting line (wire.md 1.1)', () => {
  it('has five fields and keys in any number', () => {
    const greeting = parseGreeting('aemp;1;n1;a,b;cbor,json;peeraddr=127.0.0.1:4;flag;empty=;x=a=b');
    expect(greeting).toMatchObject({ protocol: 'aemp', version: '1', node: 'n1', auth: ['a', 'b'], framings: ['cbor', 'json'] });
    expect([...greeting.keys]).toEqual([['peeraddr', '127.0.0.1:4'], ['flag', ''], ['empty', ''], ['x', 'a=b']]);
  });

  it('has keys that may be empty', () => {
    expect([...parseGreeting('aemp;1;n;a;json;=x;a=').keys]).toEqual([['', 'x'], ['a', '']]);
  });

  it('escapes ; and % in values', () => {
    const keys = new Map([['k', '100%;%3b']]);
    const line = formatGreeting({ protocol: 'aemp', version: '1', node: 'n', auth: ['a'], framings: ['json'], keys });
    expect(line).toBe('aemp;1;n;a;json;k=100%25%3b%253b');
    expect(parseGreeting(line).keys.get('k')).toBe('100%;%3b');
    expect(parseGreeting('aemp;1;n;a;json;k=%3B%41').keys.get('k')).toBe(';%41');
  });

  it('accepts version 1.0 and other protocols of the family', () => {
    expect(parseGreeting('aemp;1.0;n;a;json').version).toBe('1.0');
    expect(parseGreeting('aemp-dataconn;1;n;a;json').protocol).toBe('aemp-dataconn');
  });

  it('accepts empty lists', () => {
    expect(parseGreeting('aemp;1;n;;')).toMatchObject({ auth: [], framings: [] });
  });

  it.each([
    ['xmpp;1;n;a;json', /protocol aemp, got "xmpp;1;n;a;json"/],
    ['aemp-;1;n;a;json', /protocol/],
    ['aemp;2;n;a;json', /version 1 of aemp, got "2"/],
    ['aemp;11;n;a;json', /version/],
    ['aemp;;n;a;json', /version/],
    ['aemp;1;;a;json', /no node id/],
    ['aemp;1;n#p;a;json', /bad node id, "n#p"/],
    ['aemp;1;n%3bm;a;json', /bad node id/],
    ['aemp;1;n m;a;json', /bad node id/],
    ['aemp;1;n\u0007;a;json', /bad node id/],
    [`aemp;1;${'n'.repeat(256)};a;json`, /bad node id/],
    ['aemp;1;n;a', /5 fields/],
    ['', /protocol/],
  ])('refuses %j', (line, reason) => {
    expect(refusal(line)).toMatch(reason);
  });

  it('takes __proto__ as a key like any other', () => {
    const { keys } = parseGreeting('aemp;1;n;a;json;__proto__=x;constructor=y');
    expect([...keys.keys()]).toEqual(['__proto__', 'constructor']);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });

  it('never writes a line break', () => {
    const greeting = parseGreeting('aemp;1;n;a;json');
    expect(() => formatGreeting({ ...greeting, keys: new Map([['k', 'a\nb']]) })).toThrow(HandshakeFailed);
    expect(() => formatAuth({ method: 'm', data: '\r', framing: 'json', keys: new Map() })).toThrow(HandshakeFailed);
  });
});

describe('the authentication line (wire.md 1.4)', () => {
  it('has three fields and keys', () => {
    expect(parseAuth('tls_anon;;json;a=b')).toEqual({ method: 'tls_anon', data: '', framing: 'json', keys: new Map([['a', 'b']]) });
  });

  it.each(['', 'foo', 'foo;bar', ';bar;json'])('refuses %j', (line) => {
    expect(() => parseAuth(line)).toThrow(HandshakeFailed);
  });
});

describe('node ids', () => {
  it.each(['a', 'worker/xyz', 'host.example:4040', 'A-b_9', 'n'.repeat(255)])('%s is one', (id) => {
    expect(isNodeId(id)).toBe(true);
    expect(checkNodeId(id)).toBe(id);
  });

  it.each(['', '#', 'a#b', 'a;b', 'a b', 'a\n', 'ä', 'a%', 'n'.repeat(256)])('%j is none', (id) => {
    expect(isNodeId(id)).toBe(false);
    expect(() => checkNodeId(id)).toThrow(BadNodeId);
  });
});
