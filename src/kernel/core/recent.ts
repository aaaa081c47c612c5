/** Texts of late, by themselves. */
export interface Recent {
  has(text: string): boolean;
  /** The oldest goes when there are too many. */
  add(text: string): void;
}

/** Remembers the last `size` texts, and those that are in use for longer. */
export function createRecent(size: number, isUsed: (text: string) => boolean = () => false): Recent {
  const texts = new Set<string>();
  return {
    has: (text) => texts.has(text),
    add(text) {
      texts.add(detached(text));
      if (texts.size > size) for (const oldest of texts) if (!isUsed(oldest) && texts.delete(oldest)) break;
    },
  };
}

/** A text that was cut from a line keeps the line in memory for as long as it lasts; its copy does not. */
function detached(text: string): string {
  return Array.from(text).join('');
}
