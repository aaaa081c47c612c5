import type { Clock } from './clock.js';
import type { Limits } from './limits.js';
import type { Logger } from './log.js';
import type { Random } from './random.js';

/** What a node takes from the world around it. Nothing else in rxmp touches time, chance or the log. */
export interface Env {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly limits: Limits;
}
