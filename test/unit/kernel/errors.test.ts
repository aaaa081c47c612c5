import { describe, expect, it } from 'vitest';
import {
  BadAddress,
  BadNodeId,
  CallTimeout,
  createNode,
  HandshakeFailed,
  MessageTooLarge,
  NotLocal,
  PortDied,
  ProtocolError,
  RxmpError,
  SpawnRefused,
  describeReason,
} from '../../../src/index.js';

describe('errors', () => {
  it.each([
    [new BadAddress('x'), 'BadAddress', 'BAD_ADDRESS'],
    [new BadNodeId('x'), 'BadNodeId', 'BAD_NODE_ID'],
    [new HandshakeFailed('x'), 'HandshakeFailed', 'HANDSHAKE_FAILED'],
    [new MessageTooLarge('x'), 'MessageTooLarge', 'MESSAGE_TOO_LARGE'],
    [new ProtocolError('x'), 'ProtocolError', 'PROTOCOL_ERROR'],
    [new NotLocal('x'), 'NotLocal', 'NOT_LOCAL'],
    [new PortDied('a#b', ['why']), 'PortDied', 'PORT_DIED'],
    [new SpawnRefused('a#b', ['spawn_refused']), 'SpawnRefused', 'SPAWN_REFUSED'],
    [new CallTimeout('a#b', 5), 'CallTimeout', 'CALL_TIMEOUT'],
  ])('%o has a name and a code', (error, name, code) => {
    expect(error).toBeInstanceOf(RxmpError);
    expect([error.name, error.code]).toEqual([name, code]);
  });

  it('say what happened to which port', () => {
    expect(new PortDied('a#b', ['transport_error', 'a', 'gone']).message).toBe('port a#b died: transport_error: a: gone');
    expect(new CallTimeout('a#b', 5).message).toBe('no message from a#b within 5 ms');
    expect(new SpawnRefused('a#b', ['spawn_refused', 'f'])).toBeInstanceOf(PortDied);
  });

  it('describeReason puts any reason on a line', () => {
    expect(describeReason([])).toBe('killed normally');
    expect(describeReason(['die', 'text', { a: [1] }, null, undefined])).toBe('die: text: {"a":[1]}: null: ');
  });

  it('options that are wrong reject with what would be right', async () => {
    await expect(createNode({ nodeid: 'a b' })).rejects.toThrow(BadNodeId);
    await expect(createNode({ binds: ['127.0.0.1:99999'], secret: 's' })).rejects.toThrow(BadAddress);
    await expect(createNode({ seeds: ['odd://there'] })).rejects.toThrow('no transport for "odd" here');
    await expect(createNode({ binds: ['127.0.0.1:0'] })).rejects.toThrow('needs the option "secret", "tls" or "guests"');
    await expect(createNode({ monitorTimeout: 0 })).rejects.toThrow(RangeError);
    await expect(createNode({ framings: ['storable'] })).rejects.toThrow('expected rxmp_json, json, cbor');
  });
});
