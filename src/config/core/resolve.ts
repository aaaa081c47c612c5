import { shown } from '../../wire/printable.js';
import { BadConfig, type Rc } from './rc.js';

/** Where a value comes from. */
export type Source = { readonly kind: 'global' } | { readonly kind: 'profile'; readonly name: string };

export interface Resolved {
  readonly value: unknown;
  readonly from: Source;
}

/**
 * What the file says for a profile: its own settings, else its parent's, else that one's parent's, else the global ones. A profile that
 * there is none of has the global ones (AnyEvent::MP). Throws `BadConfig` for parents that are missing, or go round in a circle.
 */
export function resolve({ settings, profiles }: Rc, profile: string): ReadonlyMap<string, Resolved> {
  const found = new Map<string, Resolved>();
  const add = (some: ReadonlyMap<string, unknown>, from: Source): void => {
    for (const [name, value] of some) if (value !== null && !found.has(name)) found.set(name, { value, from });
  };
  const seen: string[] = [];
  for (let name: string | undefined = profile; name !== undefined; ) {
    const own = profiles.get(name);
    if (own === undefined) {
      if (seen.length === 0) break;
      throw new BadConfig(`the profile ${shown(seen.at(-1) ?? '')} has the parent ${shown(name)}, which there is none of: expected ${[...profiles.keys()].map(shown).join(', ')}`);
    }
    if (seen.includes(name)) throw new BadConfig(`the parents of the profile ${shown(profile)} go round in a circle: ${[...seen, name].map(shown).join(' > ')}`);
    seen.push(name);
    add(own, { kind: 'profile', name });
    const parent = own.get('parent');
    name = typeof parent === 'string' ? parent : undefined;
  }
  add(settings, { kind: 'global' });
  found.delete('parent');
  return found;
}
