/** Texts of late, by themselves. */
export interface Recent {
  has(text: string): boolean;
  /** The oldest goes when there are too many. */
  add(text: string): void;
}

/** With each text that comes, so many of the oldest are looked at: what is no longer used goes sooner than new ones come. */
const LOOKS = 2;

/** Remembers the last `size` texts, and those that are in use for longer. */
export function createRecent(size: number, isUsed: (text: string) => boolean = () => false): Recent {
  const texts = new Set<string>();
  return {
    has: (text) => texts.has(text),
    add(text) {
      texts.add(detached(text));
      if (texts.size <= size) return;
      let looks = 0;
      for (const oldest of texts) {
        texts.delete(oldest);
        if (!isUsed(oldest)) return;
        // its turn comes again when all others had theirs
        texts.add(oldest);
        if (++looks === LOOKS) return;
      }
    },
  };
}

/** A text that was cut from a line keeps the line in memory for as long as it lasts; its copy does not. */
function detached(text: string): string {
  return Array.from(text).join('');
}
