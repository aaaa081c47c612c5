import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import * as browser from '../../src/browser.js';
import { silentLog } from '../../src/testing/index.js';

/** Both ends of a worker as pages have them: events, a `terminate` that nobody is told of, and messages that are lost while nobody listens. */
class PageWorker extends EventTarget {
  static made: { readonly url: string; readonly options: object; readonly worker: PageWorker }[] = [];
  readonly scope: EventTarget & { postMessage(message: unknown, transfer: ArrayBuffer[]): void };
  #isAlive = true;

  constructor(url: URL | string, options: object = {}) {
    super();
    PageWorker.made.push({ url: String(url), options, worker: this });
    const tell = this.#tell.bind(this);
    this.scope = Object.assign(new EventTarget(), { postMessage: (message: unknown, transfer: ArrayBuffer[]) => { tell(this, message, transfer); } });
  }

  postMessage(message: unknown, transfer: ArrayBuffer[]): void {
    this.#tell(this.scope, message, transfer);
  }

  terminate(): void {
    this.#isAlive = false;
  }

  #tell(target: EventTarget, message: unknown, transfer: ArrayBuffer[]): void {
    const data: unknown = structuredClone(message, { transfer });
    setImmediate(() => {
      if (this.#isAlive) target.dispatchEvent(new MessageEvent('message', { data }));
    });
  }
}

/** The last worker that was made. */
const lastMade = (): (typeof PageWorker.made)[number] => {
  const made = PageWorker.made.at(-1);
  if (made === undefined) throw new Error('no worker was made');
  return made;
};

/** The locks of an origin; `free` is the death of who holds one. */
function lockManager(isOtherOrigin = false) {
  const held = new Map<string, (() => unknown)[]>();
  return {
    names: () => [...held.keys()],
    waiting: () => [...held.values()].flat().length,
    free(name: string): void {
      const [next] = held.get(name) ?? [];
      held.delete(name);
      next?.();
    },
    locks: {
      request(name: string, { signal }: { signal?: AbortSignal }, granted: () => unknown): Promise<unknown> {
        const queue = held.get(name);
        if (queue === undefined) {
          held.set(name, []);
          return Promise.resolve().then(granted);
        }
        queue.push(granted);
        return new Promise((_, reject) => { signal?.addEventListener('abort', () => { queue.splice(0); reject(new Error('aborted')); }); });
      },
      query: () => Promise.resolve({ held: isOtherOrigin ? [] : [...held.keys()].map((name) => ({ name })) }),
    },
  };
}

describe('V19: a worker of a page', () => {
  afterEach(() => { vi.unstubAllGlobals(); });

  const page = () => {
    vi.stubGlobal('Worker', PageWorker);
    vi.stubGlobal('document', Object.assign(new EventTarget(), { baseURI: 'https://chat.example/app/' }));
    return browser.createNode({ nodeid: 'page', log: silentLog, monitorTimeout: 2_000 });
  };
  const inWorker = (worker: PageWorker) => browser.createNode({ nodeid: 'worker', log: silentLog, attach: [worker.scope] });

  it('is made from the page as a module, is a node, and ends when it is terminated', async () => {
    await using node = await page();
    const spawned = node.spawnWorker('./squares.js', { name: 'squares' });
    await vi.waitFor(() => { lastMade(); });
    const { url, options, worker: thread } = lastMade();
    expect([url, options]).toEqual(['https://chat.example/app/squares.js', { type: 'module' }]);
    await using own = await inWorker(thread);
    own.register('demo::square', (_, n, reply) => own.snd(String(reply), Number(n) ** 2));
    const worker = await spawned;
    expect(await firstValueFrom(node.cal(worker.node, 'demo::square', 7))).toEqual([49]);
    const died = firstValueFrom(node.mon(worker.node));
    await worker.terminate();
    expect(await died).toEqual(['transport_error', 'worker', expect.stringContaining('it was terminated')]);
  });

  it('may be one that was made already', async () => {
    await using node = await page();
    const thread = new PageWorker('x.js');
    const [worker, own] = await Promise.all([node.spawnWorker(thread), inWorker(thread)]);
    expect(worker.node).toBe('worker');
    await own.close();
  });

  it('is refused when its file can not be loaded, or throws before its node is there', async () => {
    await using node = await page();
    for (const [event, text] of [[new Event('error'), 'its file could not be loaded'], [Object.assign(new Event('error'), { message: 'no luck' }), 'no luck']] as const) {
      const thread = new PageWorker('x.js');
      const spawned = node.spawnWorker(thread);
      setTimeout(() => thread.dispatchEvent(event), 50);
      await expect(spawned).rejects.toThrow(text);
    }
  });

  it('that throws later goes on', async () => {
    await using node = await page();
    const thread = new PageWorker('x.js');
    await using own = await inWorker(thread);
    const worker = await node.spawnWorker(thread);
    thread.dispatchEvent(Object.assign(new Event('error'), { error: new Error('later') }));
    own.register('demo::hello', (_, reply) => own.snd(String(reply), 'hello'));
    expect(await firstValueFrom(node.cal(worker.node, 'demo::hello'))).toEqual(['hello']);
  });

  it('that ends itself is noticed at once by the lock that it holds, and not by one of another origin', async () => {
    for (const isOtherOrigin of [false, true]) {
      const manager = lockManager(isOtherOrigin);
      vi.stubGlobal('navigator', { locks: manager.locks });
      const node = await page();
      const thread = new PageWorker('x.js');
      const spawned = node.spawnWorker(thread);
      await vi.waitFor(() => { expect(manager.names()).toHaveLength(1); });
      const [own] = await Promise.all([inWorker(thread), spawned]);
      await vi.waitFor(() => { expect(manager.names()).toHaveLength(2); });
      const [, lock = ''] = manager.names();
      const reasons: unknown[] = [];
      node.mon('worker', (...reason: unknown[]) => reasons.push(reason));
      if (!isOtherOrigin) await vi.waitFor(() => { expect(manager.waiting()).toBe(2); });
      else await new Promise((resolve) => setTimeout(resolve, 50));
      manager.free(lock);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(reasons).toEqual(isOtherOrigin ? [] : [['transport_error', 'worker', expect.stringContaining('its page or worker is gone')]]);
      await Promise.all([node.close(), own.close()]);
      expect(manager.waiting()).toBe(0);
    }
  });

  it("finds its 'parent' in its own scope", async () => {
    await using node = await page();
    const thread = new PageWorker('x.js');
    const spawned = node.spawnWorker(thread);
    vi.stubGlobal('document', undefined);
    vi.stubGlobal('postMessage', thread.scope.postMessage);
    vi.stubGlobal('addEventListener', thread.scope.addEventListener.bind(thread.scope));
    vi.stubGlobal('removeEventListener', thread.scope.removeEventListener.bind(thread.scope));
    await using own = await browser.createNode({ nodeid: 'worker', log: silentLog, attach: ['parent'] });
    expect((await spawned).node).toBe(own.id);
  });
});
