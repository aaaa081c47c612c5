import { differs, misses, unionOf } from './families.js';
import { FAMILIES, LISTENERS, MESH, type World } from './world.js';

/** What is not yet as it has to be when all has healed, and nobody does anything; undefined: nothing. */
export function unrest(world: World): string | undefined {
  return unconnected(world) ?? waiting(world) ?? world.messages.unrest() ?? world.calls.unrest() ?? separated(world) ?? unmerged(world);
}

/** Who takes what it shows for current, though it has lost all that could vouch for it, or hears of nobody now; and whose status is another (V12). */
export function deluded({ roles, lives, folds, frozen }: World): string | undefined {
  for (const { key, host, node, status } of lives.values()) {
    if (frozen.has(host) || (status === 'connected' || status === 'suspended') === node.upNodes().length > 0) continue;
    return `${key} is ${status}, and connected with ${node.upNodes().join() || 'nobody'}`;
  }
  for (const { life, family, isCurrent } of folds) {
    const { key, host, node, status } = life;
    const role = roles.find(({ name }) => name === host);
    if (!isCurrent || role?.kind !== 'slave' || frozen.has(host) || lives.get(host) !== life) continue;
    if (status === 'suspended') return `${key} is suspended, and takes what it shows of ${family} for current`;
    if (!role.seeds.some((seed) => node.nodeIsUp(seed) === true)) return `${key} takes what it shows of ${family} for current, and none of its seeds is connected`;
  }
  return undefined;
}

/** Who is connected with all, and does not say so (V12). */
function unconnected({ lives }: World): string | undefined {
  const wrong = lives.size > 1 ? [...lives.values()].find(({ status }) => status !== 'connected') : undefined;
  return wrong === undefined ? undefined : `V12: ${wrong.key} is ${wrong.status}`;
}

/** Links that have no connection, and may yet die (V11). */
function waiting({ lives }: World): string | undefined {
  const life = [...lives.values()].find(({ suspended }) => suspended.size > 0);
  return life === undefined ? undefined : `V11: ${life.key} waits for a connection of ${life.suspended.size} links`;
}

/** Seeds and globals that are not connected (S21, S22). */
function separated({ roles, lives }: World): string | undefined {
  const mesh = roles.filter(({ kind }) => kind !== 'slave').map(({ name }) => name);
  for (const { name, seeds, kind } of roles) {
    const life = lives.get(name);
    if (life === undefined) continue;
    for (const other of new Set([...seeds, ...(kind === 'slave' ? [] : mesh)])) {
      if (lives.has(other) && life.node.nodeIsUp(other) !== true) return `S22: ${life.key} is not connected with ${other}`;
    }
  }
  return undefined;
}

/** Families that somebody does not know as they are (D7). */
function unmerged({ roles, lives, folds }: World): string | undefined {
  const unions = new Map(FAMILIES.map((family) => [family as string, unionOf(lives.values(), family)]));
  const here = roles.filter(({ name }) => lives.has(name));
  const named = (names: readonly { name: string }[], value: (name: string) => unknown) => new Map(names.map(({ name }) => [name, [value(name)]]));
  unions.set(MESH, named(here.filter(({ kind }) => kind !== 'slave'), () => null));
  unions.set(LISTENERS, named(here.filter(({ isPrivate }) => !isPrivate), (name) => [`memory://${name}`]));
  const first = new Map<string, ReadonlyMap<string, unknown>>();
  for (const { life, family, entries, isCurrent } of folds) {
    if (entries === undefined) return `D7: ${life.key} knows nothing of ${family}`;
    if (!isCurrent) return `V12: ${life.key} takes what it shows of ${family} for what was last known`;
    const missing = misses(entries, unions.get(family) ?? new Map());
    if (missing !== undefined) return `D7: ${life.key}, ${family}: ${missing}`;
    const other = first.get(family);
    if (other === undefined) first.set(family, entries);
    const difference = other === undefined ? undefined : differs(other, entries);
    if (difference !== undefined) return `D2: ${life.key} and another know different values of ${family}: ${difference}`;
  }
  return undefined;
}
