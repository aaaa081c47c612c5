import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { emptyRc, parseRc, textOfRc, type Rc } from './core/rc.js';
import { textOf } from './file.js';

/** Owner only: there are secrets in it. */
const MODE = 0o600;
const FOLDER_MODE = 0o700;
/** How long others may take who change it too. */
const PATIENCE = { retries: { retries: 600, factor: 1.1, minTimeout: 5, maxTimeout: 250, randomize: true }, stale: 10_000 };

/**
 * Changes the configuration: one writer at a time, and the file is replaced as a whole, so that nobody ever reads half of it. Throws
 * `BadConfig` and leaves the file as it is when there is something else in it.
 */
export async function changeConfig(file: string, change: (rc: Rc) => Rc): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: FOLDER_MODE });
  const { lock } = await import('proper-lockfile');
  // the file may not be there yet
  const release = await lock(file, { ...PATIENCE, realpath: false });
  try {
    const text = await textOf(file);
    const before = text === undefined ? emptyRc : parseRc(text, file);
    const after = change(before);
    if (after !== before) await replace(file, textOfRc(after, text));
  } finally {
    await release();
  }
}

async function replace(file: string, text: string): Promise<void> {
  const made = `${file}.${process.pid}.new`;
  try {
    const handle = await open(made, 'w', MODE);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(made, file);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}
