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
  // kept, since a new one would have to pass the places of all that were deleted
  let ages = texts.values();
  const oldest = (): string | undefined => {
    let { value } = ages.next();
    if (value === undefined) {
      ages = texts.values();
      ({ value } = ages.next());
    }
    return value;
  };
  return {
    has: (text) => texts.has(text),
    add(text) {
      texts.add(detached(text));
      if (texts.size <= size) return;
      for (let looks = 0; looks < LOOKS; looks++) {
        const one = oldest();
        if (one === undefined) return;
        texts.delete(one);
        if (!isUsed(one)) return;
        // its turn comes again when all others had theirs
        texts.add(one);
      }
    },
  };
}

/** A text that was cut from a line keeps the line in memory for as long as it lasts; its copy does not. */
function detached(text: string): string {
  return Array.from(text).join('');
}
