// @vitest-environment jsdom
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { injectScope, provideRxmp, withNode } from 'rxmp/angular';
import { pass } from 'rxmp/angular/testing';
import { $ } from 'rxmp/federation';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { provide, toggled, withServer } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

type Fact = { readonly type: 'present'; readonly who: string } | { readonly type: 'says'; readonly text: string };

describe('injectScope', () => {
  it('A5: observes and asserts while its component lives', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    const room = server.federate<Fact>('room:7');
    const seen = new Set<string>();
    room.observe({ type: 'present', who: $ }).subscribe(({ kind, captures: { who } }) => {
      if (kind === 'add') seen.add(who);
      if (kind === 'del') seen.delete(who);
    });
    const name = signal('ada');
    class Room {
      readonly room = injectScope<Fact>('room:7');
      readonly present = this.room.signal({ type: 'present', who: $ });
      constructor() {
        this.room.asserting(() => (name() === '' ? undefined : { type: 'present', who: name() }));
      }
    }
    const { fixture, isShown, now } = toggled(Room, '@for (one of present(); track one.who) {[{{ one.who }}]}');
    const bob = room.assert({ type: 'present', who: 'bob' });
    await pass(network, 3_000);
    await pass(network, 3_000);
    expect([...seen].sort()).toEqual(['ada', 'bob']);
    expect(fixture.nativeElement.textContent).toMatch(/\[bob\]/);
    const before = now().present().find(({ who }) => who === 'bob');

    name.set('eve');
    await pass(network, 3_000);
    expect([...seen].sort()).toEqual(['bob', 'eve']);
    expect(now().present().find(({ who }) => who === 'bob')).toBe(before);
    bob.unsubscribe();
    isShown.set(false);
    await pass(network, 3_000);
    expect([...seen]).toEqual([]);
    room.close();
    TestBed.resetTestingModule();
  });

  it('A8: many changes update a signal once per frame', async () => {
    await using network = createNetwork();
    const node = await network.node('page');
    provide(provideRxmp(withNode(node)));
    const present = TestBed.runInInjectionContext(() => injectScope<Fact>('room').signal({ type: 'present', who: $ }));
    await pass(network, 100);
    const other = node.federate<Fact>('room');
    const updates = new Set<unknown>();
    for (let ms = 0; ms < 320; ms++) {
      other.assert({ type: 'present', who: `user ${ms}` });
      await network.run(1);
      updates.add(present());
    }
    await network.run(3_000);
    expect(present()).toHaveLength(320);
    expect(updates.size).toBeLessThanOrEqual(2 + 320 / 16);
  });
});
