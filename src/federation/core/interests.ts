import { createPatternIndex } from './pattern-index.js';
import { overlaps, type Spec } from './spec.js';

/** Somebody who wants to know whether anybody observes what a pattern fits. */
export interface Interest {
  readonly spec: Spec;
  /** How many observed patterns may have values in common with it. */
  readonly watches: number;
}

/**
 * Counts for each interest the observed patterns that may have values in common with it.
 *
 * @param changed There is somebody now who observes what an interest fits, or nobody any more.
 */
export function createInterests(changed: (interest: Interest) => void) {
  const interests = createPatternIndex<{ -readonly [K in keyof Interest]: Interest[K] }>();
  return {
    /** @param observed Patterns that are observed now, those that overlap among them. */
    add(spec: Spec, observed: Iterable<{ readonly spec: Spec }>): Interest {
      const interest = { spec, watches: 0 };
      for (const watch of observed) if (overlaps(spec, watch.spec)) interest.watches++;
      interests.add(spec, interest);
      return interest;
    },
    delete(interest: Interest): void {
      interests.delete(interest.spec, interest);
    },
    /** A pattern is observed from now on, or no longer. */
    count(spec: Spec, change: 1 | -1): void {
      for (const interest of interests.overlapping(spec)) {
        if (!overlaps(interest.spec, spec)) continue;
        interest.watches += change;
        if (interest.watches === (change === 1 ? 1 : 0)) changed(interest);
      }
    },
  };
}
