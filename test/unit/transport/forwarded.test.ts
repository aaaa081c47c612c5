import { describe, expect, it } from 'vitest';
import { readTrustProxy, forwardedOf } from '../../../src/transport/forwarded.js';
import type { TrustProxy } from '../../../src/transport/websocket-settings.js';

type Request = Parameters<typeof forwardedOf>[0];
const request = (remoteAddress: string | undefined, headers: Record<string, string>): Request =>
  ({ socket: { remoteAddress }, headers: { host: 'node.internal', ...headers } });

const forwarded = { 'x-forwarded-host': 'chat.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' };
const believed = { host: 'chat.example', secure: true, address: '203.0.113.7' };
const notBelieved = { host: 'node.internal', secure: false, address: undefined };

describe('who is a proxy (trustProxy)', () => {
  it.each<[TrustProxy | undefined, string | undefined, boolean]>([
    [undefined, '127.0.0.1', false],
    [false, '127.0.0.1', false],
    [[], '127.0.0.1', false],
    [true, '198.51.100.1', true],
    [['127.0.0.1'], '127.0.0.1', true],
    [['127.0.0.1'], '::ffff:127.0.0.1', true],
    [['127.0.0.1'], '127.0.0.2', false],
    [['127.0.0.1'], undefined, false],
    [['10.0.0.0/8', '::1'], '10.200.3.4', true],
    [['10.0.0.0/8', '::1'], '::1', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['2001:db8::/32'], '2001:db8:1::2', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['fe80::/10'], 'fe80::1%eth0', true],
  ])('%j, from %s: %s', (option, from, isProxy) => {
    expect(forwardedOf(request(from, forwarded), readTrustProxy(option))).toEqual(isProxy ? believed : notBelieved);
  });

  it.each<unknown>(['proxy.example', '127.0.0.1/33', '::1/129', '127.0.0.1/', '', 5, null, '127.0.0.1/x', '10.0.0.0/8/8'])('%j is refused, by name', (entry) => {
    expect(() => readTrustProxy([entry] as string[])).toThrow(
      new TypeError(`trustProxy has ${JSON.stringify(entry)}: expected true, or a list of IP addresses and networks: ['127.0.0.1', '10.0.0.0/8']`),
    );
    if (entry !== null) expect(() => readTrustProxy(entry as never)).toThrow(TypeError);
  });
});

describe('what a proxy says of its visitor', () => {
  const proxies = readTrustProxy(['127.0.0.1', '10.0.0.0/8']);
  const visit = (headers: Record<string, string>, from = proxies) => forwardedOf(request('127.0.0.1', headers), from);

  it.each([
    ['198.51.100.1', '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['6.6.6.6,198.51.100.1 , 10.0.0.9', '198.51.100.1'],
    ['10.0.0.8, 10.0.0.9', '10.0.0.8'],
    ['6.6.6.6, unknown', undefined],
    ['6.6.6.6, unknown, 10.0.0.9', '10.0.0.9'],
    ['198.51.100.1:4711', '198.51.100.1'],
    ['2001:db8::1', '[2001:db8::1]'],
    ['"[2001:db8::1]:4711"'.slice(1, -1), '[2001:db8::1]'],
    ['::ffff:198.51.100.1', '198.51.100.1'],
    ['\u001b[2Jx', undefined],
    [' , ,', undefined],
    ['', undefined],
  ])('X-Forwarded-For: %j: the visitor is %s, the last who is no proxy', (header, address) => {
    expect(visit({ 'x-forwarded-for': header }).address).toBe(address);
  });

  it('who trusts everybody who connects believes the last entry, and none before it', () => {
    expect(visit({ 'x-forwarded-for': '6.6.6.6, 127.0.0.1' }, readTrustProxy(true)).address).toBe('127.0.0.1');
  });

  it.each([
    [{}, 'node.internal', false],
    [{ 'x-forwarded-host': 'evil.example, chat.example' }, 'chat.example', false],
    [{ 'x-forwarded-host': '' }, 'node.internal', false],
    [{ 'x-forwarded-proto': 'HTTPS' }, 'node.internal', true],
    [{ 'x-forwarded-proto': 'wss' }, 'node.internal', true],
    [{ 'x-forwarded-proto': 'https, http' }, 'node.internal', false],
    [{ 'x-forwarded-proto': 'httpsx' }, 'node.internal', false],
  ])('%j: host %s, encrypted %s', (headers, host, secure) => {
    expect(visit(headers)).toEqual({ host, secure, address: undefined });
  });
});
