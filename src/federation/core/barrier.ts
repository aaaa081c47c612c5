import type { LinkId } from './packets.js';

/** A barrier that waits for the links behind it. */
interface Wait {
  /** The links that have not answered, with the marks that they were given. */
  readonly open: Map<LinkId, number>;
  done(): void;
}

export type Barrier = ReturnType<typeof createBarrier>;

/**
 * Barriers: a `sync` that went everywhere and came back shows that all that was told before it has arrived, and that all
 * answers to it are here, since a link keeps the order. Who goes away meanwhile is not waited for.
 */
export function createBarrier(send: (link: LinkId, mark: number) => void) {
  const waits = new Set<Wait>();
  let nextMark = 1;

  const settle = (wait: Wait): void => {
    if (wait.open.size > 0 || !waits.delete(wait)) return;
    wait.done();
  };

  return {
    /** Asks links; `done` is called when all have answered. */
    ask(links: readonly LinkId[], done: () => void): void {
      const wait: Wait = { open: new Map(), done };
      waits.add(wait);
      for (const link of links) wait.open.set(link, nextMark++);
      for (const [link, mark] of [...wait.open]) send(link, mark);
      settle(wait);
    },
    /** A link answers. False: it was not asked that. */
    answered(link: LinkId, mark: number): boolean {
      for (const wait of [...waits]) {
        if (wait.open.get(link) !== mark) continue;
        wait.open.delete(link);
        settle(wait);
        return true;
      }
      return false;
    },
    leave(link: LinkId): void {
      for (const wait of [...waits]) if (wait.open.delete(link)) settle(wait);
    },
  };
}
