import { VirtualClock, settled, silentLog } from 'rxmp/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { awake$ } from '../../../src/browser-awake.js';
import * as browser from '../../../src/browser.js';
import { createNode, memoryNetwork } from '../../../src/index.js';

const { document } = globalThis as unknown as { readonly document: EventTarget };
const happens = (target: EventTarget, name: string): void => { target.dispatchEvent(new Event(name)); };
const page = globalThis as unknown as EventTarget;

/** What a page is told, where the test runner has put the globals of a browser in place of those of Node.js. */
export function testAwake(): void {
  afterEach(() => { vi.restoreAllMocks(); });
  const isVisible = (is: boolean): void => { vi.spyOn(document as unknown as { visibilityState: string }, 'visibilityState', 'get').mockReturnValue(is ? 'visible' : 'hidden'); };

  it('says when the browser is online again, and when the page is visible again, while somebody listens', () => {
    let count = 0;
    const listening = awake$.subscribe(() => count++);
    happens(page, 'online');
    expect(count).toBe(1);
    isVisible(false);
    happens(document, 'visibilitychange');
    expect(count).toBe(1);
    isVisible(true);
    happens(document, 'visibilitychange');
    expect(count).toBe(2);
    listening.unsubscribe();
    happens(page, 'online');
    happens(document, 'visibilitychange');
    expect(count).toBe(2);
  });

  it('ends the pause of a seed, however long it is', async () => {
    const clock = new VirtualClock();
    const options = { clock, transports: [memoryNetwork(clock)], secret: 's', log: silentLog, monitorTimeout: 3_600_000 };
    const node = await settled(clock, browser.createNode({ seeds: ['memory://hub'], ...options }));
    clock.runFor(3_600_000);
    const hub = await settled(clock, createNode({ nodeid: 'hub', binds: ['memory://hub'], ...options }));
    clock.runFor(10_000);
    expect(node.upNodes()).toEqual([]);
    happens(page, 'online');
    clock.runFor(100);
    expect(node.upNodes()).toEqual(['hub']);
    await settled(clock, node.close());
    await settled(clock, hub.close());
  });
}
