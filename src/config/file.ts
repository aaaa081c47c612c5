import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { BadConfig, emptyRc, parseRc, textOfRc, type Rc } from './core/rc.js';

/** Where the configuration is: `$RXMP_RC`, else `$XDG_CONFIG_HOME/rxmp/config.json`; undefined: `$RXMP_RC` is empty, so there is none (L1). */
export function configFile(environment: NodeJS.ProcessEnv): string | undefined {
  const { RXMP_RC, XDG_CONFIG_HOME } = environment;
  if (RXMP_RC !== undefined) return RXMP_RC === '' ? undefined : RXMP_RC;
  return join(XDG_CONFIG_HOME === undefined || XDG_CONFIG_HOME === '' ? join(homedir(), '.config') : XDG_CONFIG_HOME, 'rxmp', 'config.json');
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BadConfig(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reads the configuration; a file that is not there is an empty one. Throws `BadConfig`. */
export async function readConfig(file: string): Promise<Rc> {
  const text = await textOf(file);
  return text === undefined ? emptyRc : parseRc(text, file);
}

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
