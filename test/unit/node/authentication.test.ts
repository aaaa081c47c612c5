import { EMPTY, firstValueFrom, from, race } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createNode, type Connection, type Logger } from '../../../src/index.js';
import { silentLog } from '../../../src/testing/index.js';
import { configure, type NodeConfig, type NodeOptions } from '../../../src/options.js';
import { certificate } from '../../fixtures/certificates.js';

const platform = { hostName: () => 'host', log: () => silentLog, transports: () => [], moduleOf: (name: string) => name, parentPort: () => Promise.resolve(undefined), startWorker: () => Promise.reject(new Error('none')) };
const withTls = (options: NodeOptions): NodeConfig => configure(options, { ...platform, upgrade: () => () => EMPTY });
const without = (options: NodeOptions): NodeConfig => configure(options, { ...platform, upgrade: () => undefined });
const binds = ['127.0.0.1:4040', '*:4041'];

describe('what a node needs to authenticate others', () => {
  it('a secret or TLS, as soon as it listens', () => {
    expect(() => without({ binds })).toThrow('a node that listens (binds: 127.0.0.1:4040, *:4041) needs the option "secret", "tls" or "guests"');
    expect(() => without({ binds, secret: '' })).toThrow(TypeError);
    for (const config of [without({ binds, secret: 's' }), withTls({ binds }), withTls({ binds, secret: 's' }), without({})]) {
      expect(config.id).not.toBe('');
    }
  });

  it('a secret for wss://, where nobody shows a certificate', () => {
    const wss = ['wss://127.0.0.1:4040'];
    expect(() => withTls({ binds: wss })).toThrow('a node that listens on wss://127.0.0.1:4040 needs the option "secret"');
    expect(withTls({ binds: wss, secret: 's' }).secret).toBe('s');
  });

  it('nothing that would silently do nothing', () => {
    for (const name of ['acceptPlain', 'acceptCertificate', 'acceptAnonymous'] as const) {
      expect(() => without({ secret: 's', [name]: true })).toThrow(`the option "${name}" means nothing without "tls"`);
      expect(without({ secret: 's', [name]: false })[name]).toBe(false);
      expect(withTls({ secret: 's', [name]: true })[name]).toBe(true);
      expect(withTls({ secret: 's' })[name]).toBe(false);
    }
    expect(() => withTls({ acceptPlain: true })).toThrow('the option "acceptPlain" needs "secret"');
  });
});

describe('the option methods', () => {
  it('has names of methods only', () => {
    expect(without({ secret: 's', methods: ['rxmp_sha3_512'] }).methods).toEqual(['rxmp_sha3_512']);
    const wrong = ['rxmp'] as unknown as NonNullable<NodeOptions['methods']>;
    expect(() => without({ secret: 's', methods: wrong })).toThrow('the option "methods" has "rxmp": expected some of rxmp_sha3_512, hmac_sha3_512,');
    const text = 'rxmp_sha3_512' as unknown as typeof wrong;
    expect(() => without({ secret: 's', methods: text })).toThrow('the option "methods" is "rxmp_sha3_512": expected an array');
  });

  it('leaves at least one that can be accepted', () => {
    expect(() => without({ secret: 's', methods: ['tls_sha3_512'] })).toThrow('the option "methods" (tls_sha3_512) leaves no method');
    expect(() => without({ secret: 's', methods: [] })).toThrow('the option "methods" (none) leaves no method');
    expect(withTls({ methods: ['tls_sha3_512'] }).methods).toEqual(['tls_sha3_512']);
  });
});

describe('nodes with TLS', async () => {
  const cert = await certificate();
  const secret = 'of these tests';

  /** A log that hands out its first warning. */
  function listenedLog(): { readonly log: Logger; readonly warning: Promise<string> } {
    let log: Logger | undefined;
    const warning = new Promise<string>((resolve) => {
      log = { ...silentLog, warn: (_details: object, text: string) => { resolve(text); } };
    });
    return { log: log ?? silentLog, warning };
  }

  /** A node that connects to another one: the connection as each of them sees it, or what it has to say against it. */
  async function meet(server: NodeOptions, client: NodeOptions): Promise<readonly (Connection | string)[]> {
    const [atHub, atNode] = [listenedLog(), listenedLog()];
    await using hub = await createNode({ nodeid: 'hub', binds: ['127.0.0.1:0'], log: atHub.log, ...server });
    await using node = await createNode({ nodeid: 'node', seeds: hub.addresses, log: atNode.log, ...client });
    return await Promise.all([
      firstValueFrom(race<(Connection | string)[]>(hub.connections$, from(atHub.warning))),
      firstValueFrom(race<(Connection | string)[]>(node.connections$, from(atNode.warning))),
    ]);
  }

  it.each([
    ['and a secret', { cert, secret }, 'rxmp_sha3_512'],
    ['and no secret', { cert }, 'tls_sha3_512'],
  ])('%s', async (_what, options, method) => {
    for (const connection of await meet(options, options)) expect(connection).toMatchObject({ method, secure: true, trusted: true });
  });

  it('refuse a node without, unless they are told to accept it', async () => {
    const [atHub, atNode] = await meet({ cert, secret }, { secret });
    expect(atHub).toMatch(/the other end has no TLS, and without it nobody is let in here$/);
    expect(atNode).toMatch(/it offers TLS, and none is configured here$/);
    for (const connection of await meet({ cert, secret, acceptPlain: true }, { secret })) {
      expect(connection).toMatchObject({ method: 'rxmp_sha3_512', secure: false, trusted: true });
    }
  });

  it('refuse a node with a certificate but without the secret, unless they are told to accept it', async () => {
    const [, atNode] = await meet({ cert, secret }, { cert });
    expect(atNode).toMatch(/the other end accepts rxmp_sha3_512, hmac_sha3_512, we offer tls_sha3_512: no secret is configured here$/);
    for (const connection of await meet({ cert, secret, acceptCertificate: true }, { cert })) {
      expect(connection).toMatchObject({ method: 'tls_sha3_512', secure: true });
    }
  });
});
