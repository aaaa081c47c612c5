import { Subscription, type Observable } from 'rxjs';
import type { Address } from '../transport/address.js';
import { ConnectionFailed } from '../transport/authenticate.js';
import { describe, summary } from './failures.js';
import { createSeed, levelOf, longerPause, type Seed } from './seed.js';
import type { SeedsContext, SeedSource } from './seeds.js';

/**
 * A seed that is a name: each address that it has is a seed of its own. The name is looked up again for as long as the node runs:
 * every `limits.nameTime`, and sooner while nobody is connected. New addresses are added, those that are gone are dropped when
 * they are not connected. An address that is this node is left alone while others are connected; without them it is looked at
 * again, since behind a load balancer one address is many nodes.
 */
export function createNamedSeed(name: Address, found$: Observable<readonly Address[]>, context: SeedsContext): SeedSource {
  const { env } = context;
  const { nameTime, nameAddresses } = env.limits;
  const seeds = new Map<string, Seed>();
  /** What the name said last. */
  let listed: ReadonlySet<string> = new Set();
  /** Addresses that are this node. */
  const own = new Set<string>();
  let wasConnected = false;
  /** The pause before the name is looked up again while nobody is connected, ms. */
  let pause = 0;
  /** A look-up, or the pause before it. */
  let waiting = new Subscription();
  let isPausing = false;
  /** What is wrong with the name, and with its addresses: said once, and again when that changes. */
  const trouble: { name?: string | undefined; addresses?: string | undefined } = {};
  /** Look-ups since it had addresses last, and when the next one is. */
  let looks = 0;
  let nextLook: number | undefined;
  let closed = false;

  const all = (): Seed[] => [...seeds.values()];
  const isConnected = (): boolean => all().some((seed) => seed.isConnected);

  const look = (): void => {
    isPausing = false;
    looks++;
    context.stirred();
    const looking = new Subscription();
    waiting = looking;
    looking.add(found$.subscribe({ next: found, error: failed }));
  };

  const rest = (): void => {
    if (closed) return;
    pause = isConnected() ? 0 : Math.min(longerPause(pause, nameTime, env.random), nameTime);
    isPausing = true;
    waiting.unsubscribe();
    const wait = pause === 0 ? nameTime : pause;
    nextLook = env.clock.monotonic() + wait;
    waiting = new Subscription(env.clock.after(wait, lookNow));
    if (pause > 0) {
      waiting.add(context.awake$.subscribe(() => {
        // since this pause has begun
        if (isConnected()) return;
        pause = 0;
        lookNow();
      }));
    }
    context.stirred();
  };

  const lookNow = (): void => {
    waiting.unsubscribe();
    look();
  };

  const found = (addresses: readonly Address[]): void => {
    const taken = bounded(addresses);
    listed = new Set(taken.map(({ text }) => text));
    for (const seed of all()) dropIfGone(seed);
    for (const text of [...own]) if (!listed.has(text)) own.delete(text);
    rest();
    for (const address of taken) {
      const { text } = address;
      if (!closed && !seeds.has(text) && !(own.has(text) && isConnected())) add(address);
    }
    context.identified();
  };

  /** Those that are known stay, however many the name has, and whatever their order. */
  const bounded = (addresses: readonly Address[]): readonly Address[] => {
    const { length } = addresses;
    if (length === 0) complain('name', `${name.host} has no addresses`);
    else if (length > nameAddresses) complain('name', `${name.host} has ${length} addresses: those beyond limits.nameAddresses (${nameAddresses}) are left out`);
    else trouble.name = undefined;
    if (length <= nameAddresses) return addresses;
    const known = ({ text }: Address): boolean => seeds.has(text) || own.has(text);
    return [...addresses.filter(known), ...addresses.filter((address) => !known(address))].slice(0, nameAddresses);
  };

  const failed = (error: unknown): void => {
    complain('name', error instanceof Error ? error.message : String(error));
    rest();
  };

  const complain = (of: keyof typeof trouble, text: string): void => {
    env.log[text === trouble[of] ? 'debug' : 'warn']({ seed: name.text }, `seed ${name.text}: ${text}`);
    trouble[of] = text;
  };

  const add = (address: Address): void => {
    const { text } = address;
    looks = 0;
    const seed = createSeed(
      {
        address,
        name: `${name.text} (${text})`,
        // an address of several that can't be reached matters only if no other can; a stranger does in any case
        level: (error) => (listed.size === 1 || isStranger(error) ? levelOf(error) : 'debug'),
        self: () => {
          drop(seed);
          if (!own.has(text)) {
            own.add(text);
            context.selfSeed(seed.name);
          }
          context.identified();
        },
        changed: () => {
          changed(seed);
        },
      },
      context,
    );
    seeds.set(text, seed);
    seed.start();
  };

  const drop = (seed: Seed): void => {
    seed.close();
    seeds.delete(seed.address.text);
  };

  const dropIfGone = (seed: Seed): void => {
    if (!seed.isConnected && !listed.has(seed.address.text)) drop(seed);
  };

  const changed = (seed: Seed): void => {
    if (closed) return;
    dropIfGone(seed);
    const connected = isConnected();
    if (connected) {
      pause = 0;
      trouble.addresses = undefined;
    } else if (wasConnected && isPausing) rest();
    else complainOfAll();
    wasConnected = connected;
    context.identified();
  };

  const complainOfAll = (): void => {
    const troubles = all().map(({ address, trouble: one }) => one && describe(address.text, one));
    const known = troubles.filter((one) => one !== undefined);
    if (known.length > 1 && known.length === troubles.length) complain('addresses', `none of its addresses is connected: ${summary(known)}`);
  };

  return {
    start: look,
    mayReach(node) {
      const known = all();
      // nobody of them is known, so it may be anybody
      if (known.every((seed) => seed.node === undefined)) return known.length > 0 || own.size === 0;
      return known.some((seed) => seed.node === node || (seed.node === undefined && seed.trouble === undefined));
    },
    hurry(node) {
      if (isPausing && seeds.size === 0 && own.size === 0) lookNow();
      for (const seed of all()) if (seed.node === undefined || seed.node === node) seed.hurry();
    },
    nodes: () => all().flatMap(({ node }) => node ?? []),
    trials() {
      if (seeds.size > 0) return all().flatMap(({ trial }) => trial ?? []);
      // there is nobody but this node itself
      if (own.size > 0) return [];
      const why = trouble.name === undefined ? undefined : ({ code: 'unreachable', text: trouble.name, seed: name.text } as const);
      return [{ attempt: isPausing ? looks + 1 : looks, nextTry: isPausing ? nextLook : undefined, why }];
    },
    close() {
      closed = true;
      waiting.unsubscribe();
      for (const seed of all()) drop(seed);
    },
  };
}

const isStranger = (error: unknown): boolean => error instanceof ConnectionFailed && error.failure !== 'connected';
