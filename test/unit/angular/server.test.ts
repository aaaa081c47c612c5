// @vitest-environment jsdom
import { ApplicationRef, PLATFORM_ID } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { callResource, injectFamily, injectKey, injectNode, injectPort, injectRxmpStatus, injectScope, presence, provideRxmp, withNode } from 'rxmp/angular';
import { $ } from 'rxmp/federation';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { component, counted, provide } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

interface Fact {
  readonly type: 'present';
  readonly who: string;
}

class Page {
  readonly node = injectNode();
  readonly status = injectRxmpStatus();
  readonly rooms = injectFamily('rooms');
  readonly blue = injectKey('rooms', () => 'blue');
  readonly me = injectPort({ news: () => {} });
  readonly answer = callResource({ port: 'server#pricing', params: () => ['quote', 'tea'], timeout: 2_000 });
  readonly typing = presence('typing', () => true);
  readonly room = injectScope<Fact>('room');
  readonly present = this.room.signal({ type: 'present', who: $ });
  constructor() {
    this.room.asserting(() => ({ type: 'present', who: 'ada' }));
  }
}
const page = component('{{ status().status }} {{ rooms.status() }} {{ rooms().size }} {{ answer.status() }} {{ present().length }}', Page);

describe('A6: on a server', () => {
  it('nothing is opened, no options are asked for, and the application is stable at once', async () => {
    let asked = 0;
    provide({ provide: PLATFORM_ID, useValue: 'server' }, provideRxmp(() => {
      asked++;
      return { seeds: ['wss://shop.example/mp'] };
    }));
    const fixture = TestBed.createComponent(page);
    await TestBed.inject(ApplicationRef).whenStable();
    TestBed.tick();
    expect(fixture.nativeElement.textContent).toBe('offline loading 0 idle 0');
    const { node, me, room, typing } = fixture.componentInstance;
    expect([asked, node(), me(), room(), typing()]).toEqual([0, undefined, undefined, undefined, undefined]);
  });

  it('a given node is not touched', async () => {
    await using network = createNetwork();
    const { node, use } = counted(await network.node('page'));
    provide({ provide: PLATFORM_ID, useValue: 'server' }, provideRxmp(withNode(node)));
    TestBed.createComponent(page);
    TestBed.tick();
    await network.run(1_000);
    expect(use()).toEqual({ ports: 0, streams: 0, keys: 0, scopes: 0 });
  });
});
