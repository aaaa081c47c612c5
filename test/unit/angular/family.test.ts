// @vitest-environment jsdom
import { computed, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { injectFamily, injectKey } from 'rxmp/angular';
import { pass } from 'rxmp/angular/testing';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { component, withServer } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

interface Room {
  readonly title: string;
}

describe('injectFamily', () => {
  it('A8: shows what is in a family, as it comes and goes, and whether that is current', async () => {
    await using network = createNetwork();
    const server = await withServer(network);
    class Rooms {
      readonly rooms = injectFamily<Room>('rooms');
      readonly titles = computed(() => [...this.rooms().values()].map(({ title }) => title).join(', '));
    }
    const fixture = TestBed.createComponent(component('{{ rooms.status() }}: {{ titles() }}', Rooms));
    const text = (): string => fixture.nativeElement.textContent;
    fixture.autoDetectChanges();
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
    TestBed.resetTestingModule();
  });
});
