import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Sample } from './flat.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What this process holds, without garbage. Finalizers run between the two collections, so that what they free counts as free. */
export async function takeSample(): Promise<Sample> {
  collect();
  await new Promise(setImmediate);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}
