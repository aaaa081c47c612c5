import type { Subscription } from 'rxjs';
import { expect, it } from 'vitest';
import type { Scope } from '../../../src/federation/scope-types.js';
import { createScope } from '../../../src/federation/scope.js';
import { seeded } from '../../fixtures/chunking.js';
import { createTestNetwork, type Fact, type TestLink } from '../../unit/federation/network.js';
import { patterns, values } from './vocabulary.js';

/** What an observer of a scope sees now. */
function observed(scope: Scope<Fact>, pattern: unknown): { readonly visible: ReadonlySet<string>; readonly subscription: Subscription } {
  const visible = new Set<string>();
  const subscription = scope.observe(pattern as { type: 'says' }).subscribe(({ kind, captures }) => {
    const text = JSON.stringify(captures);
    if (kind === 'add') {
      expect(visible.has(text), 'I5').toBe(false);
      visible.add(text);
    } else if (kind === 'del') expect(visible.delete(text), 'I5').toBe(true);
  });
  return { visible, subscription };
}

/** One random history of linked public scopes; at its end each sees what one scope with everything in it would show (I4). */
function play(seed: number): void {
  const chance = seeded(seed);
  const below = (end: number): number => Math.floor(chance() * end);
  const network = createTestNetwork();
  const count = 2 + below(4);
  const scopes = Array.from({ length: count }, (_, i) => network.scope(`scope ${i}`));
  const asserted = scopes.map((): { value: object; guard: Subscription }[] => []);
  const observers = scopes.map((): { pattern: unknown; seen: ReturnType<typeof observed> }[] => []);
  // each scope but the first has a link to one before it, when it has one
  const uplinks = scopes.map((): { to: number; link: TestLink } | undefined => undefined);

  const steps: readonly ((at: number) => void)[] = [
    (at) => {
      const value = values[below(values.length)]!;
      asserted[at]?.push({ value, guard: scopes[at]!.assert(value as Fact) });
    },
    (at) => asserted[at]?.splice(0, 1).forEach(({ guard }) => { guard.unsubscribe(); }),
    (at) => {
      const pattern = patterns[below(patterns.length)];
      observers[at]?.push({ pattern, seen: observed(scopes[at]!, pattern) });
    },
    (at) => observers[at]?.splice(0, 1).forEach(({ seen }) => { seen.subscription.unsubscribe(); }),
    (at) => { scopes[at]!.transact(() => { for (const kind of [0, 1, 2, 0]) steps[kind]?.(at); }); },
    (at) => {
      uplinks[at]?.link.drop();
      network.flush();
      const to = below(at);
      uplinks[at] = at > 0 && chance() < 0.7 ? { to, link: network.link(scopes[at]!, scopes[to]!) } : undefined;
    },
    () => { network.flush(); },
  ];
  for (let i = 0; i < 40; i++) steps[below(steps.length)]?.(below(count));
  network.flush();

  const rootOf = (at: number): number => (uplinks[at] === undefined ? at : rootOf(uplinks[at].to));
  for (const at of scopes.keys()) {
    const whole = createScope<Fact>('whole');
    for (const from of scopes.keys()) if (rootOf(from) === rootOf(at)) for (const { value } of asserted[from] ?? []) whole.assert(value as Fact);
    for (const { pattern, seen } of observers[at] ?? []) expect(seen.visible, 'I4').toEqual(observed(whole, pattern).visible);
    expect(scopes[at]?.inspect().retired, 'I7').toBe(0);
  }
}

it('random histories of public scopes: I4, I5, I7 in 400 runs', { timeout: 60_000 }, () => {
  for (let seed = 1; seed <= 400; seed++) {
    try {
      play(seed);
    } catch (error) {
      throw new Error(`run ${seed}`, { cause: error });
    }
  }
});
