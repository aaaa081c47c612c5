import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { FamilyChange } from '../../../src/database/family-change.js';
import { createMastership } from '../../../src/database/mastership.js';
import { joinMesh } from '../../../src/database/mesh.js';
import { VirtualClock } from '../../../src/testing/virtual-clock.js';

/** A node `s` with seeds, whose master is what is chosen. */
function make(seeds: readonly string[] = ['one', 'two']) {
  const clock = new VirtualClock();
  const up = new Set<string>();
  const told = new Set<string>();
  const globals: string[] = [];
  let isGlobal = false;
  let settled = 0;
  const replica = {
    holder: undefined as string | undefined,
    source: undefined as string | undefined,
    setHolder: (node: string | undefined) => { replica.holder = node; },
    setSource: (node: string | undefined) => { replica.source = node; },
  };
  const mastership = createMastership({
    ...{ clock, handoverTime: 1_000, self: 's', replica },
    directory: { get isGlobal() { return isGlobal; }, hasTold: (node) => told.has(node), globals: () => globals },
    settled: () => { settled++; },
    seedNodes: () => seeds,
    hasSeeds: () => seeds.length > 0,
    isUp: (node) => up.has(node),
  });
  return {
    ...{ clock, up, told, globals, replica, mastership },
    settled: () => settled,
    masters: () => [replica.holder, replica.source],
    becomeGlobal(): void {
      isGlobal = true;
      mastership.update();
    },
  };
}

describe('the master (S21)', () => {
  it('is the first seed that is connected, as long as it is; then the next', () => {
    const { up, mastership, masters } = make();
    mastership.update();
    expect(masters()).toEqual([undefined, undefined]);
    for (const [node, isUp, master] of [['two', true, 'two'], ['one', true, 'two'], ['two', false, 'one'], ['two', true, 'one'], ['one', false, 'two'], ['two', false, undefined]] as const) {
      if (isUp) up.add(node);
      else up.delete(node);
      mastership.update();
      expect(masters()).toEqual([master, master]);
    }
  });

  it('is the first of several', () => {
    const { up, mastership, masters } = make();
    up.add('two');
    up.add('one');
    mastership.update();
    expect(masters()).toEqual(['one', 'one']);
  });

  it('is the node itself no longer, once a seed is there', () => {
    const { up, replica, mastership, masters } = make();
    replica.setHolder('s');
    up.add('s');
    up.add('one');
    mastership.update();
    expect(masters()).toEqual(['one', 'one']);
  });

  it('is the node itself without seeds', () => {
    const { mastership, masters, settled } = make([]);
    mastership.update();
    expect([masters(), settled(), mastership.isWaiting]).toEqual([['s', 's'], 1, false]);
  });

  it('of a node that becomes global is asked until it has told all, with the other globals it knows', () => {
    const { up, told, globals, mastership, masters, becomeGlobal, clock, settled } = make();
    up.add('one');
    mastership.update();
    globals.push('s', 'one', 'far');
    becomeGlobal();
    expect([masters(), mastership.isWaiting, settled()]).toEqual([['s', 'one'], true, 1]);
    told.add('one');
    mastership.told();
    expect([masters(), mastership.isWaiting, settled()]).toEqual([['s', 'one'], true, 1]);
    told.add('far');
    mastership.told();
    expect([masters(), mastership.isWaiting, settled(), clock.pending]).toEqual([['s', 's'], false, 2, 0]);
    mastership.told();
    expect(settled()).toBe(2);
  });

  it('is asked no longer than limits.handoverTime, nor when it is gone', () => {
    for (const isGone of [true, false]) {
      const { up, globals, mastership, masters, becomeGlobal, clock } = make();
      up.add('one');
      mastership.update();
      globals.push('one');
      becomeGlobal();
      clock.runFor(999);
      expect(masters()).toEqual(['s', 'one']);
      if (isGone) {
        up.delete('one');
        mastership.update();
      } else clock.runFor(1);
      expect([masters(), mastership.isWaiting, clock.pending]).toEqual([['s', 's'], false, 0]);
    }
  });

  it('leaves no timer when the node closes', () => {
    const { up, globals, mastership, becomeGlobal, clock } = make();
    up.add('one');
    mastership.update();
    globals.push('one');
    becomeGlobal();
    mastership.close();
    expect(clock.pending).toBe(0);
  });
});

describe('globals keep each other connected (S22)', () => {
  it('as long as anybody knows of them, and not themselves', () => {
    const changes = new Subject<FamilyChange>();
    const done: string[] = [];
    const change = (add: readonly string[], del: readonly string[]): FamilyChange => ({ family: new Map(), add, chg: [], del, current: true });
    joinMesh({
      self: 'g',
      watch: (family) => {
        done.push(`watch ${family}`);
        return changes;
      },
      keep: (node) => done.push(`keep ${node}`),
      drop: (node) => done.push(`drop ${node}`),
    });
    changes.next(change(['g', 'a', 'b'], []));
    changes.next(change(['c'], ['a']));
    expect(done).toEqual(["watch 'g", 'keep a', 'keep b', 'keep c', 'drop a']);
  });
});
