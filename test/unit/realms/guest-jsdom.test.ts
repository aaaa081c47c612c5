// @vitest-environment jsdom
// @vitest-environment-options {"url": "http://shop.example:8080/rooms/7"}
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createNode } from '../../../src/browser.js';
import { silentLog } from '../../../src/testing/index.js';

const credentials = (): string => { throw new Error('nobody asks for these'); };

describe('G9: a page of http://shop.example:8080', () => {
  // nobody is connected with anybody here
  beforeAll(() => { vi.stubGlobal('WebSocket', class { close(): void { /* it was never open */ } }); });
  afterAll(() => { vi.unstubAllGlobals(); });

  it.each([
    ['its own origin', 'ws://shop.example:8080/mp'],
    ['TLS to another host', 'wss://gate.example/mp'],
    ['loopback', 'ws://127.0.0.1:4040/mp'],
    ['loopback by name', 'ws://localhost:4040/mp'],
    ['loopback of IPv6', 'ws://[::1]:4040/mp'],
  ])('may show credentials to %s', async (_what, seed) => {
    const node = await createNode({ seeds: [seed], credentials, log: silentLog });
    await node.close();
  });

  it.each([
    ['another host', 'ws://gate.example:8080/mp'],
    ['another port of its host', 'ws://shop.example:8081/mp'],
    ['a part of its host', 'ws://sub.shop.example:8080/mp'],
    ['a host that begins as loopback does', 'ws://127.example:8080/mp'],
    ['a host that begins with an address of loopback', 'ws://127.0.0.1.example:8080/mp'],
    ['a host that begins as its own', 'ws://shop.example.net:8080/mp'],
  ])('is refused %s, with the reason', async (_what, seed) => {
    const made = createNode({ seeds: ['wss://gate.example/mp', seed], credentials, log: silentLog });
    await expect(made).rejects.toThrow(new TypeError(`credentials are not sent to ${seed}, where others could read them: expected wss://, or the page's own origin (G9)`));
  });
});
