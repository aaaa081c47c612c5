import type { Rc, Settings } from './rc.js';

/** Changes the settings of a profile, which begins to be by that; undefined: the global ones. */
function change(rc: Rc, profile: string | undefined, edit: (settings: Map<string, unknown>) => void): Rc {
  const edited = (settings: Settings = new Map()): Settings => {
    const copy = new Map(settings);
    edit(copy);
    return copy;
  };
  if (profile === undefined) return { ...rc, settings: edited(rc.settings) };
  return { ...rc, profiles: new Map([...rc.profiles, [profile, edited(rc.profiles.get(profile))]]) };
}

export const set = (rc: Rc, profile: string | undefined, name: string, value: unknown): Rc => change(rc, profile, (settings) => { settings.set(name, value); });

export const del = (rc: Rc, profile: string | undefined, name: string): Rc => change(rc, profile, (settings) => { settings.delete(name); });

const same = (one: unknown) => (other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const listOf = (settings: Settings, name: string): readonly unknown[] => {
  const value = settings.get(name);
  return Array.isArray(value) ? value : [];
};

/** One more of a list, at its end; what is there already stays where it is. */
export const addOne = (rc: Rc, profile: string | undefined, name: string, one: unknown): Rc =>
  change(rc, profile, (settings) => {
    const all = listOf(settings, name);
    if (!all.some(same(one))) settings.set(name, [...all, one]);
  });

/** One less. */
export const delOne = (rc: Rc, profile: string | undefined, name: string, one: unknown): Rc =>
  change(rc, profile, (settings) => {
    if (settings.has(name)) settings.set(name, listOf(settings, name).filter((other) => !same(one)(other)));
  });

export const delProfile = (rc: Rc, profile: string): Rc => ({ ...rc, profiles: new Map([...rc.profiles].filter(([name]) => name !== profile)) });
