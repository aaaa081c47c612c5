import { inspect, isDeepStrictEqual } from 'node:util';

/** Fails with what was wrong. Much faster than `expect`, which histories would call millions of times. */
export function check(isRight: boolean, what: () => string): void {
  if (!isRight) throw new Error(what());
}

/** The order of the keys of a Map means nothing. */
export function checkEqual(actual: unknown, expected: unknown, what: () => string): void {
  check(isDeepStrictEqual(actual, expected), () => `${what()}: ${inspect(actual)}, expected ${inspect(expected)}`);
}
