/** A connection in its handshake. */
export interface Guest {
  /** What counts as its address. */
  readonly place: string;
  /** When it came, ms of a clock that never goes back. */
  readonly since: number;
}

export type Places<G extends Guest> = ReturnType<typeof createPlaces<G>>;

/** Who is in his handshake, by address, and which address has the most. Each step costs the same, however many there are. */
export function createPlaces<G extends Guest>() {
  /** The guests of each address, the oldest first. */
  const guests = new Map<string, Set<G>>();
  /** The addresses that have so many guests. */
  const levels = new Map<number, Set<string>>();
  let most = 0;
  let total = 0;

  const move = (place: string, from: number, to: number): void => {
    const left = levels.get(from);
    left?.delete(place);
    if (left?.size === 0) levels.delete(from);
    if (to > 0) {
      const level = levels.get(to);
      if (level === undefined) levels.set(to, new Set([place]));
      else level.add(place);
    }
    if (to > most) most = to;
    else if (from === most && !levels.has(from)) most = to;
  };

  return {
    add(guest: G): void {
      const { place } = guest;
      const here = guests.get(place) ?? new Set<G>();
      guests.set(place, here);
      here.add(guest);
      total++;
      move(place, here.size - 1, here.size);
    },
    /** Calling again does nothing. */
    delete(guest: G): void {
      const { place } = guest;
      const here = guests.get(place);
      if (here?.delete(guest) !== true) return;
      if (here.size === 0) guests.delete(place);
      total--;
      move(place, here.size + 1, here.size);
    },
    countOf: (place: string): number => guests.get(place)?.size ?? 0,
    /** The oldest guest of an address that has the most of them, and how many those are. */
    busiest(): { readonly guest: G; readonly count: number } | undefined {
      const [place = ''] = levels.get(most) ?? [];
      const [guest] = guests.get(place) ?? [];
      return guest === undefined ? undefined : { guest, count: most };
    },
    get size() {
      return total;
    },
    /** The addresses that have guests. */
    addresses: (): Iterable<string> => guests.keys(),
  };
}
