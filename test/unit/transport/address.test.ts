import { describe, expect, it } from 'vitest';
import { addressAt, formatHostPort, parseAddress } from '../../../src/transport/address.js';
import { peerAddress, reachableAddresses } from '../../../src/transport/interfaces.js';
import { ipv6Groups } from '../../../src/transport/ipv6.js';
import { isLoopback } from '../../../src/transport/loopback.js';
import { placeOf } from '../../../src/transport/place.js';
import { BadAddress } from '../../../src/wire/errors.js';

describe('parseAddress', () => {
  it.each([
    ['10.0.0.1:4041', 'tcp', '10.0.0.1', 4041, ''],
    ['host.example', 'tcp', 'host.example', 4040, ''],
    ['[::1]:4040', 'tcp', '::1', 4040, ''],
    ['[fe80::1%eth0]', 'tcp', 'fe80::1%eth0', 4040, ''],
    ['*', 'tcp', '*', 0, ''],
    ['*:5000', 'tcp', '*', 5000, ''],
    ['*:*', 'tcp', '*', 0, ''],
    ['127.0.0.1:*', 'tcp', '127.0.0.1', 0, ''],
    ['127.0.0.1:65535', 'tcp', '127.0.0.1', 65535, ''],
    ['tcp://a.example:1', 'tcp', 'a.example', 1, ''],
    ['ws://a.example', 'ws', 'a.example', 80, ''],
    ['wss://a.example/mp', 'wss', 'a.example', 443, '/mp'],
    ['ws://[::1]:4041/a/b?c=d', 'ws', '::1', 4041, '/a/b?c=d'],
    ['ws://a.example:1?q', 'ws', 'a.example', 1, '?q'],
    ['memory://hub', 'memory', 'hub', 4040, ''],
  ])('reads %s', (text, scheme, host, port, path) => {
    expect(parseAddress(text)).toEqual({ scheme, host, port, path, text });
  });

  it.each([
    '',
    ':4040',
    '::1',
    '[::1',
    'a.example:',
    'a.example:port',
    'a.example:65536',
    'a.example:123456',
    'two words',
    'a.example/path',
    'user@a.example',
    'a.example#1',
    'ws://',
    'ws:///path',
    'ws://user:password@a.example',
    '[a.example]:1',
    '[10.0.0.1]:1',
  ])('refuses "%s" and says what an address looks like', (text) => {
    expect(() => parseAddress(text)).toThrow(BadAddress);
    expect(() => parseAddress(text)).toThrow(`"${text}" is no address: expected host:port`);
  });
});

describe('formatHostPort', () => {
  it('writes what parseAddress reads', () => {
    expect(formatHostPort('::1', 1)).toBe('[::1]:1');
    expect(formatHostPort('10.0.0.1', 1)).toBe('10.0.0.1:1');
  });
});

describe('reachableAddresses', () => {
  const machine = [
    { address: '127.0.0.1', family: 'IPv4', internal: true },
    { address: '::1', family: 'IPv6', internal: true },
    { address: '192.168.1.5', family: 'IPv4', internal: false },
    { address: 'fd00::5', family: 'IPv6', internal: false },
    { address: 'fe80::5', family: 'IPv6', internal: false },
  ];

  it('is the bound address if it is one', () => {
    expect(reachableAddresses({ address: '127.0.0.1', port: 9 }, machine)).toEqual(['127.0.0.1:9']);
    expect(reachableAddresses({ address: '::1', port: 9 }, machine)).toEqual(['[::1]:9']);
  });

  it('is one per interface address for a wildcard, without loopback and link-local ones', () => {
    expect(reachableAddresses({ address: '::', port: 9 }, machine)).toEqual(['192.168.1.5:9', '[fd00::5]:9']);
    expect(reachableAddresses({ address: '0.0.0.0', port: 9 }, machine)).toEqual(['192.168.1.5:9']);
  });

  it('is loopback where there is nothing else', () => {
    expect(reachableAddresses({ address: '::', port: 9 }, machine.slice(0, 2))).toEqual(['127.0.0.1:9']);
  });
});

describe('an address whose host was looked up', () => {
  it.each([
    ['pods.example:4040', '10.0.0.1', '10.0.0.1:4040'],
    ['tcp://pods.example', '2001:db8::1', '[2001:db8::1]:4040'],
    ['ws://pods.example/mp?a', '10.0.0.1', 'ws://10.0.0.1:80/mp?a'],
  ])('%s at %s is written %s, and keeps its name', (text, ip, written) => {
    const address = parseAddress(text);
    expect(addressAt(address, ip)).toEqual({ ...address, ip, text: written });
  });
});

describe('peerAddress', () => {
  it.each([
    ['10.0.0.1', 1, '10.0.0.1:1'],
    ['::1', 1, '[::1]:1'],
    ['::ffff:10.0.0.1', 1, '10.0.0.1:1'],
    ['::FFFF:10.0.0.1', 1, '10.0.0.1:1'],
    ['::ffff:a00:1', 1, '[::ffff:a00:1]:1'],
    [undefined, 1, 'unknown'],
    ['10.0.0.1', undefined, 'unknown'],
    [undefined, undefined, 'unknown'],
  ])('%s and %s: %s', (host, port, text) => {
    expect(peerAddress(host, port)).toBe(text);
  });
});

describe('placeOf', () => {
  it.each([
    ['10.0.0.1:4040', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.1'],
    ['[2001:db8::5:6]:4040', '2001:db8:0:0::/64'],
    ['[2001:db8::5:6]', '2001:db8:0:0::/64'],
    ['[2001:DB8:0:1:2::6]:1', '2001:db8:0:1::/64'],
    ['[fe80::1%eth0]:1', 'fe80:0:0:0::/64'],
    ['[::]:1', '0:0:0:0::/64'],
    ['[1:2:3:4:5:6:7:8]:1', '1:2:3:4::/64'],
    ['[::ffff:10.0.0.1]:1', '0:0:0:0::/64'],
    ['[12345::]:1', '[12345::]'],
    ['memory://a', 'memory://a'],
    ['unknown', 'unknown'],
  ])('%s is of %s', (address, place) => {
    expect(placeOf(address)).toBe(place);
  });
});

describe('ipv6Groups', () => {
  it.each([
    ['2001:db8::1', [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]],
    ['::', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['1:2:3:4:5:6:7:8', [1, 2, 3, 4, 5, 6, 7, 8]],
    ['1::', [1, 0, 0, 0, 0, 0, 0, 0]],
    ['::ffff:10.0.0.1', [0, 0, 0, 0, 0, 0xffff, 0xa00, 1]],
    ['10.0.0.1', undefined],
    ['12345::', undefined],
  ])('%s: %j', (host, groups) => {
    expect(ipv6Groups(host)).toEqual(groups);
  });
});

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1:4040', true],
    ['ws://127.9.9.9/mp', true],
    ['wss://[::1]:1', true],
    ['localhost', true],
    ['LOCALHOST:1', true],
    ['memory://hub', true],
    ['localhost.example:1', false],
    ['10.127.0.1:1', false],
    ['127.example:1', false],
    ['ws://127.0.0.1.example/mp', false],
    ['[::12]:1', false],
    ['tcp.memory:1', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});
