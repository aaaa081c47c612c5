import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { optionsOf, type Configured } from './core/options.js';
import { resolve, type Resolved } from './core/resolve.js';
import { configFile, readConfig } from './file.js';

/** What decides which settings a node takes. */
export interface ProfileOptions {
  readonly profile?: string | undefined;
  readonly norc?: boolean | undefined;
  readonly force?: boolean | undefined;
}

/** The name of the profile where nobody says one: that of the host (AnyEvent::MP). */
export const defaultProfile = (): string => hostname();

/** What the configuration has for a profile; undefined: there is none, or nobody wants it. Rejects with `BadConfig`. */
export async function settingsOf({ profile = defaultProfile(), norc }: ProfileOptions, environment: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, Resolved> | undefined> {
  const file = configFile(environment);
  if (norc === true || file === undefined || !existsSync(file)) return undefined;
  return resolve(await readConfig(file), profile);
}

/** Puts settings and options together: the settings win, unless `force` is true (L1). */
export function merged<T extends ProfileOptions>(options: T, settings: ReadonlyMap<string, Resolved>, warn: (text: string) => void): T & Configured {
  const found = optionsOf(settings, warn);
  if (options.force !== true) return { ...options, ...found };
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
  const { tls, cert, ...rest } = found;
  // a certificate is given as "tls" or as "cert"
  return { ...rest, ...('tls' in given || 'cert' in given || cert === undefined ? {} : { tls, cert }), ...given };
}

/**
 * The options of a node, with what the configuration says for its profile: that wins over the program, unless `force` is true, and counts for
 * nothing where `norc` is (L1). Rejects with `BadConfig`.
 */
export async function withProfile<T extends ProfileOptions>(options: T, environment: NodeJS.ProcessEnv, warn: (text: string) => void): Promise<T & Configured> {
  const settings = await settingsOf(options, environment);
  return settings === undefined ? options : merged(options, settings, warn);
}
