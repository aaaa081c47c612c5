import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** The peers have a package.json of their own, so that nobody who installs rxmp installs them. */
const require = createRequire(new URL('../../../bench/package.json', import.meta.url));

export const INSTALL = 'npm ci --prefix bench';

/** A package of bench/package.json, as whoever uses it knows it. */
export const peer = <T>(name: string): T => require(name) as T;

/** Why a package cannot be used; undefined if it can. */
export function missingPackage(name: string): string | undefined {
  try {
    require.resolve(name);
    return undefined;
  } catch {
    return `not installed: ${INSTALL}`;
  }
}

/** Why a program cannot be used; undefined if it can. */
export function missingProgram(name: string): string | undefined {
  const isThere = (folder: string): boolean => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return (process.env['PATH'] ?? '').split(delimiter).some(isThere) ? undefined : `no ${name} on the PATH`;
}
