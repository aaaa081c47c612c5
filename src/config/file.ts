import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BadConfig, emptyRc, parseRc, type Rc } from './core/rc.js';

/** Where the configuration is: `$RXMP_RC`, else `$XDG_CONFIG_HOME/rxmp/config.json`; undefined: `$RXMP_RC` is empty, so there is none (L1). */
export function configFile(environment: NodeJS.ProcessEnv): string | undefined {
  const { RXMP_RC, XDG_CONFIG_HOME } = environment;
  if (RXMP_RC !== undefined) return RXMP_RC === '' ? undefined : RXMP_RC;
  return join(XDG_CONFIG_HOME === undefined || XDG_CONFIG_HOME === '' ? join(homedir(), '.config') : XDG_CONFIG_HOME, 'rxmp', 'config.json');
}

/** Undefined: there is no such file. Throws `BadConfig`. */
export async function textOf(file: string): Promise<string | undefined> {
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
