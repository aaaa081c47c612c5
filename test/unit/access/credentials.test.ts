import { createNode, memoryNetwork, realClock, type NodeOptions } from 'rxmp';
import { createNetwork, silentLog } from 'rxmp/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createNode as createBrowserNode } from '../../../src/browser.js';

afterEach(() => { vi.unstubAllGlobals(); });

const started = async (options: NodeOptions, create = createNode): Promise<string> => {
  const node = await create({ log: silentLog, credentials: 'ada', ...options });
  await node.close();
  return node.id;
};

describe('G9: credentials', () => {
  it.each(['ws://shop.example/mp', '10.0.0.7:4040', 'shop.example:4040'])('are not sent to %s, where others could read them', async (seed) => {
    await expect(started({ seeds: ['wss://shop.example/mp', seed] })).rejects.toThrow(
      `credentials are not sent to ${seed}, where others could read them: expected wss://, or the page's own origin (G9)`,
    );
  });

  it.each(['wss://shop.example/mp', 'ws://127.0.0.1:9/mp', 'ws://localhost:9/mp', 'ws://[::1]:9/mp', '127.0.0.1:9'])('are sent to %s', async (seed) => {
    expect(await started({ seeds: [seed] })).toMatch(/^guest:/);
  });

  it('are sent to the server that the page has come from', async () => {
    vi.stubGlobal('location', new URL('http://shop.example:8080/rooms/7'));
    expect(await started({ seeds: ['ws://shop.example:8080/mp'] }, createBrowserNode)).toMatch(/^guest:/);
    for (const seed of ['ws://shop.example/mp', 'ws://other.example:8080/mp', 'ws://shop.example:8081/mp']) {
      await expect(started({ seeds: [seed] }, createBrowserNode)).rejects.toThrow(`credentials are not sent to ${seed}`);
    }
    vi.stubGlobal('location', new URL('https://shop.example/'));
    await expect(started({ seeds: ['ws://shop.example/mp'] }, createBrowserNode), 'a page that is encrypted opens no connection in clear').rejects.toThrow('credentials are not sent');
  });

  it.each<[Partial<NodeOptions>, string]>([
    [{ secret: 'x', seeds: ['wss://a'] }, 'the option "secret" is not for guests'],
    [{ binds: ['127.0.0.1:0'], seeds: ['wss://a'] }, 'the option "binds" is not for guests'],
    [{ guests: { admit: () => undefined }, seeds: ['wss://a'] }, 'the option "guests" is not for guests'],
    [{}, 'the option "credentials" needs "seeds" or "attach"'],
    [{ credentials: 7 as never, seeds: ['wss://a'] }, 'the option "credentials" is number: expected a text, or a function that gives one'],
  ])('are all that a guest has: %o', async (options, text) => {
    await expect(started(options)).rejects.toThrow(text);
  });

  it('are never logged, nor is the key of a guest: not by it, nor by its gate', async () => {
    const lines: string[] = [];
    const write = (details: object, text: string): void => { lines.push(`${text} ${JSON.stringify(details, (_, value: unknown) => (value instanceof Error ? `${value.message} ${value.stack ?? ''}` : value))}`); };
    const log = { debug: write, info: write, warn: write, error: write };
    await using network = createNetwork({ node: { log } });
    await network.node('gate', { guests: { admit: (credentials) => { if (credentials !== 'the token') throw new Error('no'); return { user: 'ada', may: [] }; } } });
    const page = await network.node('page', { seeds: ['gate'], credentials: 'the token' });
    await network.node('stranger', { seeds: ['gate'], credentials: 'another token' });
    await network.until(() => page.nodeIsUp('gate') === true, 5_000);
    await network.run(2_000);
    const said = lines.join('\n');
    expect(said).toContain('is not let in');
    expect(said).not.toContain('token');
  });

  it('of a gate that has no secret are enough', async () => {
    const transports = [memoryNetwork(realClock)];
    const gate = await createNode({ nodeid: 'gate/1', binds: ['memory://gate'], transports, log: silentLog, guests: { admit: (user) => ({ user, may: [] }) } });
    const page = await createNode({ seeds: ['memory://gate'], transports, credentials: 'ada', log: silentLog });
    await vi.waitFor(() => { expect(page.nodeIsUp('gate/1')).toBe(true); });
    await page.close();
    await gate.close();
  });
});
