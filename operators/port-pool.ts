/**
 * Which port gets the next call: the one that got none for the longest time, or the one with the fewest calls under way,
 * and of several such the one that got none for the longest time.
 */
export type SpreadStrategy = 'round-robin' | 'least-outstanding';

interface Member {
  readonly port: string;
  /** In the family. One that is not is kept here for as long as calls to it are under way. */
  listed: boolean;
  /** Died: ids are never reused (S6). */
  dead: boolean;
  /** Which ejection keeps calls away from it. */
  ejection: number | undefined;
  outstanding: number;
  /** The number of the last call that it got, of all calls. */
  turn: number;
}

export type PortPool = ReturnType<typeof createPortPool>;

/** The ports that calls may go to, and how many are under way at each. */
export function createPortPool(strategy: SpreadStrategy, perPort: number) {
  const members = new Map<string, Member>();
  let turns = 0;
  let ejections = 0;
  let closed = false;

  /** Whether `a` is the better choice. */
  const before = (a: Member, b: Member): boolean =>
    strategy === 'least-outstanding' && a.outstanding !== b.outstanding
      ? a.outstanding < b.outstanding
      : a.turn < b.turn;

  const usable = (member: Member): boolean => member.listed && !member.dead;

  const forget = (member: Member | undefined): void => {
    if (member !== undefined && !member.listed && member.outstanding === 0) members.delete(member.port);
  };

  return {
    /** No port will ever take a call. */
    get exhausted(): boolean {
      return closed && ![...members.values()].some(usable);
    },
    /** No port will be added any more. */
    close(): void {
      closed = true;
    },
    /** Adds a port of the family. One that is added again may be called at once. */
    add(port: string): void {
      const known = members.get(port);
      if (known === undefined) {
        members.set(port, { port, listed: true, dead: false, ejection: undefined, outstanding: 0, turn: 0 });
      } else {
        known.listed = true;
        known.ejection = undefined;
      }
    },
    /** Gives a port no further calls. */
    remove(port: string): void {
      const member = members.get(port);
      if (member !== undefined) member.listed = false;
      forget(member);
    },
    /** Chooses a port and counts a call there; any other rather than `avoid`. Undefined: there is no room at any. */
    take(avoid: string | undefined): string | undefined {
      let best: Member | undefined;
      for (const member of members.values()) {
        if (!usable(member) || member.ejection !== undefined || member.outstanding >= perPort) continue;
        if (best === undefined || best.port === avoid || (member.port !== avoid && before(member, best))) best = member;
      }
      if (best === undefined) return undefined;
      best.outstanding++;
      best.turn = ++turns;
      return best.port;
    },
    /** A call is over. */
    release(port: string): void {
      const member = members.get(port);
      if (member !== undefined) member.outstanding--;
      forget(member);
    },
    /** A port has died. */
    bury(port: string): void {
      const member = members.get(port);
      if (member !== undefined) member.dead = true;
    },
    /** Gives some ports no calls until `restore` gets the result; undefined if there are none that were to get any. */
    eject(which: (port: string) => boolean): number | undefined {
      const affected = [...members.values()].filter(({ port, ejection }) => ejection === undefined && which(port));
      if (affected.length === 0) return undefined;
      ejections++;
      for (const member of affected) member.ejection = ejections;
      return ejections;
    },
    /** Ends an ejection. */
    restore(ejection: number): void {
      for (const member of members.values()) if (member.ejection === ejection) member.ejection = undefined;
    },
  };
}
