import { performance } from 'node:perf_hooks';

/** Where a system puts what arrives. */
export interface Sink {
  /** A message with its index: they have to come in order, all of them. */
  item(index: number): void;
  /** So many of something that has no order. */
  several(count: number): void;
}

/** Counts what arrives, and sees that it is in order. */
export interface Counter extends Sink {
  /** The rate of so many that come from now on: until the last is here. */
  expect(count: number): { readonly perSecond: Promise<number> };
}

export function createCounter(): Counter {
  let arrived = 0;
  let first = 0;
  let end = 0;
  let start = 0;
  let finish: (perSecond: number) => void = () => undefined;

  function several(count: number): void {
    arrived += count;
    if (arrived === end) finish(((end - first) / (performance.now() - start)) * 1000);
    else if (arrived > end) giveUp(`${arrived} messages have come, expected ${end}`);
  }
  return {
    several,
    item(index) {
      if (index !== arrived) giveUp(`message ${index} came, expected ${arrived}`);
      several(1);
    },
    expect(count) {
      first = arrived;
      end = arrived + count;
      start = performance.now();
      return { perSecond: new Promise((resolve) => { finish = resolve; }) };
    },
  };
}

/** Ends the process: what is measured might catch an exception. */
function giveUp(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
