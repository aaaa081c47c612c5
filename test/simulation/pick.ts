/** One of a list, whatever the number; undefined: the list is empty. */
export const pick = <T>(list: readonly T[], choice: number): T | undefined => list[choice % list.length];
