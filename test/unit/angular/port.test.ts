// @vitest-environment jsdom
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { injectPort, provideRxmp, withNode } from 'rxmp/angular';
import { pass } from 'rxmp/angular/testing';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { provide, toggled, withServer } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

type News = ['news', text: string];

describe('injectPort', () => {
  it('A5: takes messages, and dies with its component', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    class Ticker {
      readonly lines = signal<readonly string[]>([]);
      readonly me = injectPort<News>({ news: (text) => { this.lines.update((all) => [...all, text]); } });
    }
    const { fixture, isShown, now } = toggled(Ticker, '{{ lines().join() }}');
    await pass(network, 500);
    const id = now().me()!.id;
    const reasons: unknown[] = [];
    server.mon(id).subscribe((reason) => reasons.push(reason));
    for (const text of ['one', 'two']) server.snd(id, 'news', text);
    await pass(network, 500);
    expect([fixture.nativeElement.textContent, reasons]).toEqual(['one,two', []]);
    isShown.set(false);
    await pass(network, 500);
    expect([reasons, now().me()]).toEqual([[[]], undefined]);
    TestBed.resetTestingModule();
  });

  it('says why it died of a handler that throws, and is undefined then', async () => {
    await using network = createNetwork();
    const node = await network.node('page');
    const { told } = provide(provideRxmp(withNode(node)));
    const { now } = toggled(class {
      readonly me = injectPort<News>({ news: () => { throw new Error('no news'); } });
    });
    await pass(network, 100);
    node.snd(now().me()!, 'news', 'x');
    await pass(network, 100);
    expect([now().me(), told.map(String)]).toEqual([undefined, [expect.stringContaining('no news')]]);
  });
});
