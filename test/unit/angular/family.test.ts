// @vitest-environment jsdom
import { ChangeDetectionStrategy, Component, computed, effect, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import type { MpNode } from 'rxmp';
import { injectFamily, injectKey, provideRxmp, withNode } from 'rxmp/angular';
import { pass, provideTestNode } from 'rxmp/angular/testing';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { component, provide, withServer } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

interface Room {
  readonly title: string;
}

const setAll = (node: MpNode, count: number): void => {
  for (let i = 0; i < count; i++) node.dbSet('rooms', `room ${i}`, { title: `Room ${i}` });
};

describe('injectFamily', () => {
  it('shows what is in a family, as it comes and goes, and whether that is current', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    class Rooms {
      readonly rooms = injectFamily<Room>('rooms');
      readonly titles = computed(() => [...this.rooms().values()].map(({ title }) => title).join(', '));
    }
    const fixture = TestBed.createComponent(component('{{ rooms.status() }}: {{ titles() }}', Rooms));
    const text = (): string => fixture.nativeElement.textContent;
    await pass(network, 0);
    expect(text()).toBe('loading: ');

    const blue = server.dbSet('rooms', 'blue', { title: 'Blue' });
    await pass(network, 2_000);
    expect(text()).toBe('current: Blue');
    blue.unsubscribe();
    server.dbSet('rooms', 'red', { title: 'Red' });
    await pass(network, 2_000);
    expect(text()).toBe('current: Red');

    network.crash('server');
    await pass(network, 5_000);
    expect(text()).toBe('stale: Red');
    const again = await network.restart('server');
    await pass(network, 5_000);
    expect(text()).toBe('current: ');
    again.dbSet('rooms', 'red', { title: 'Red again' });
    await pass(network, 2_000);
    expect(text()).toBe('current: Red again');
    TestBed.resetTestingModule();
  });

  it('A8: 10,000 changes a second update the signal once per frame, to the last of them', async () => {
    await using network = createNetwork();
    const node = await network.node('page');
    provide(provideRxmp(withNode(node)));
    let changes = 0;
    node.dbMon('rooms').subscribe(() => { changes++; });
    const rooms = TestBed.runInInjectionContext(() => injectFamily<number>('rooms'));
    await pass(network, 100);

    const seen = new Set<unknown>();
    for (let ms = 0; ms < 1_000; ms++) {
      for (let i = 0; i < 10; i++) {
        network.clock.after(i / 10, () => void node.dbSet('rooms', 'blue', ms * 10 + i));
      }
      await network.run(1);
      seen.add(rooms());
    }
    expect(changes).toBeGreaterThan(9_000);
    expect(seen.size).toBeGreaterThan(50);
    expect(seen.size).toBeLessThanOrEqual(1 + Math.ceil(1_000 / 16));
    await network.run(16);
    expect([...rooms()]).toEqual([['blue', 9_999]]);
  });

  it('A8: values that are the same stay the same objects, also when another master tells them', async () => {
    await using network = createNetwork();
    const owner = await network.node('owner');
    await network.node('one', { seeds: ['owner'] });
    await network.node('two', { seeds: ['owner'] });
    const page = await network.node('page', { seeds: ['one', 'two'] });
    provide(provideRxmp(withNode(page)));
    const rooms = TestBed.runInInjectionContext(() => injectFamily<Room>('rooms'));
    setAll(owner, 1_000);
    await pass(network, 5_000);
    const before = rooms();
    expect(before.size).toBe(1_000);

    owner.dbSet('rooms', 'room 7', { title: 'Seven' });
    owner.dbSet('rooms', 'room 8', { title: 'Room 8' });
    await pass(network, 5_000);
    network.crash('one');
    await pass(network, 10_000);
    expect(rooms.status()).toBe('current');
    const changed = [...rooms()].filter(([key, room]) => before.get(key) !== room);
    expect(changed).toEqual([['room 7', { title: 'Seven' }]]);
  });

  it('A8: a table renders only the rows that have changed', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    let rendered = 0;
    class Row {
      declare room: Room;
      get title(): string {
        rendered++;
        return this.room.title;
      }
    }
    Component({ selector: 'test-row', template: '{{ title }}', inputs: ['room'], changeDetection: ChangeDetectionStrategy.OnPush })(Row);
    class Table {
      readonly rooms = injectFamily<Room>('rooms');
    }
    const fixture = TestBed.createComponent(component('@for (entry of rooms(); track entry[0]) { <test-row [room]="entry[1]" /> }', Table, [Row]));
    setAll(server, 1_000);
    await pass(network, 3_000);
    expect(fixture.nativeElement.querySelectorAll('test-row')).toHaveLength(1_000);

    rendered = 0;
    server.dbSet('rooms', 'room 500', { title: 'Five hundred' });
    await pass(network, 1_000);
    expect(fixture.nativeElement.textContent).toContain('Five hundred');
    // in development Angular looks at what it renders twice
    expect(rendered).toBeLessThanOrEqual(2);
    TestBed.resetTestingModule();
  });

  it('A5: all who use a family share one monitor, which ends with the last of them', async () => {
    await using network = createNetwork();
    const page = await network.node('page');
    let monitors = 0;
    const node: MpNode = { ...page, dbMon: (family) => {
      monitors++;
      return page.dbMon(family);
    } };
    provide(provideRxmp(withNode(node)));
    class Two {
      readonly rooms = injectFamily<Room>('rooms');
      readonly blue = injectKey<Room>('rooms', () => 'blue');
    }
    const type = component('', Two);
    const first = TestBed.createComponent(type);
    const second = TestBed.createComponent(type);
    expect(first.componentInstance.rooms).toBe(second.componentInstance.rooms);
    await pass(network, 100);
    expect(monitors).toBe(1);
    first.destroy();
    const third = TestBed.createComponent(type);
    second.destroy();
    third.destroy();
    expect(monitors).toBe(1);
    // what is known was forgotten: it is asked again
    const fourth = TestBed.createComponent(type);
    expect(monitors).toBe(2);
    await pass(network, 100);
    expect(fourth.componentInstance.rooms.status()).toBe('current');
  });

  it('says why a family may not be watched, and keeps what was known', async () => {
    await using network = createNetwork();
    await network.node('gate', { guests: { admit: (user) => ({ user, may: [] }) } });
    const { told } = provide(provideTestNode(network, { seeds: ['gate'], credentials: 'ada' }));
    const secrets = TestBed.runInInjectionContext(() => injectFamily('secrets'));
    await pass(network, 5_000);
    expect([secrets.status(), String(secrets.error()), secrets().size, told]).toEqual(['failed', expect.stringContaining('secrets'), 0, []]);
    TestBed.resetTestingModule();
  });

  it('a name that no family can have is an error of the family', async () => {
    await using network = createNetwork();
    provide(provideRxmp(withNode(await network.node('page'))));
    const rooms = TestBed.runInInjectionContext(() => injectFamily('7 rooms'));
    expect([rooms.status(), (rooms.error() as Error).name]).toEqual(['failed', 'BadFamily']);
  });
});

describe('injectKey', () => {
  it('follows its key, and changes only when its value does', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    const id = signal<string | undefined>('blue');
    const seen: (Room | undefined)[] = [];
    TestBed.runInInjectionContext(() => {
      const room = injectKey<Room>('rooms', id);
      effect(() => { seen.push(room()); });
    });
    await pass(network, 100);
    server.dbSet('rooms', 'blue', { title: 'Blue' });
    server.dbSet('rooms', 'red', { title: 'Red' });
    await pass(network, 2_000);
    for (let i = 0; i < 20; i++) {
      server.dbSet('rooms', 'red', { title: `Red ${i}` });
      await pass(network, 100);
    }
    expect(seen).toEqual([undefined, { title: 'Blue' }]);
    id.set('red');
    await pass(network, 0);
    id.set(undefined);
    await pass(network, 0);
    expect(seen.slice(2)).toEqual([{ title: 'Red 19' }, undefined]);
    TestBed.resetTestingModule();
  });
});
