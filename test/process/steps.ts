import { expect, it } from 'vitest';

/** Tests in order, of so many ms at most each: every step goes on with the network that the one before has left. */
export function createSteps(timeout: number): (name: string, run: () => Promise<void>) => void {
  let isBroken = false;
  return (name, run) => {
    it(name, async () => {
      expect(isBroken, 'an earlier step has failed').toBe(false);
      isBroken = true;
      await run();
      isBroken = false;
    }, timeout);
  };
}
