// @vitest-environment jsdom
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import type { MpNode } from 'rxmp';
import { injectPort, injectService, membership } from 'rxmp/angular';
import { pass, provideTestNode } from 'rxmp/angular/testing';
import { createNetwork } from 'rxmp/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { provide, toggled } from './app.js';

afterEach(() => { TestBed.resetTestingModule(); });

type Room = ['join' | 'leave', member: string];

/** A room that knows who is in it. */
function openRoom(node: MpNode): Set<string> {
  const members = new Set<string>();
  const port = node.rcv(node.port<Room>(), {
    join: (member) => {
      members.add(member);
      node.mon(member, () => members.delete(member));
    },
    leave: (member) => members.delete(member),
  });
  node.dbReg('rooms', port);
  return members;
}

class Chat {
  readonly room = injectService<Room>('rooms');
  readonly me = injectPort({ news: () => {} });
  readonly joined = membership(this.room, (room, node) => {
    node.snd(room, 'join', this.me()!.id);
    return () => node.snd(room, 'leave', this.me()?.id ?? '');
  });
}

describe('V12a: membership', () => {
  it('joins again after a cut, and after the server was started again, and tells', async () => {
    await using network = createNetwork();
    const server = await network.node('server');
    const { told } = provide(provideTestNode(network, { seeds: ['server'] }));
    const { now } = toggled(Chat);
    let members = openRoom(server);
    // the port that is found now is joined in the next round
    const passing = async (ms: number): Promise<void> => {
      for (let i = 0; i < 10; i++) await pass(network, ms / 10);
    };
    const state = (): unknown => [now().joined(), members.size];
    await passing(1_000);
    expect(state()).toEqual([true, 1]);

    const heal = network.cut('server', 'page');
    await passing(3_000);
    expect(state()).toEqual([false, 0]);
    heal();
    await passing(5_000);
    expect(state()).toEqual([true, 1]);

    network.crash('server');
    await passing(5_000);
    members = openRoom(await network.restart('server'));
    expect(state()).toEqual([false, 0]);
    await passing(10_000);
    expect([state(), told]).toEqual([[true, 1], []]);
  });

  it('A5: ends with the component, and follows its port', async () => {
    await using network = createNetwork();
    const server = await network.node('server');
    provide(provideTestNode(network, { seeds: ['server'] }));
    const log: string[] = [];
    const ports = [server.port(() => {}), server.port(() => {})];
    const name = (port: string): string => `${ports.findIndex(({ id }) => id === port)}`;
    const which = signal<number | undefined>(undefined);
    const { isShown } = toggled(class {
      readonly joined = membership(
        () => (which() === undefined ? undefined : ports[which()!]!.id as string),
        (port) => {
          log.push(`join ${name(port)}`);
          return () => log.push(`end ${name(port)}`);
        },
      );
    });
    for (const next of [undefined, 0, 1]) {
      which.set(next);
      await pass(network, 500);
    }
    isShown.set(false);
    await pass(network, 500);
    expect(log).toEqual(['join 0', 'end 0', 'join 1', 'end 1']);
  });

  it('what join throws is told to the ErrorHandler', async () => {
    await using network = createNetwork();
    const node = await network.node('server');
    const port = node.port(() => {});
    const { told } = provide(provideTestNode(network, { seeds: ['server'] }));
    const { now } = toggled(class {
      readonly joined = membership(port, () => { throw new Error('no room'); });
    });
    for (let i = 0; i < 2; i++) await pass(network, 500);
    expect([now().joined(), told.map(String)]).toEqual([false, ['Error: no room']]);
  });
});
