/** What is still there after a restart: files in a folder. A real server has a database. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Data {
  /** The key that signs sessions, made by the first start. */
  key(): Uint8Array;
  /** What was saved under this name last; undefined: nothing. */
  load<T>(name: string): T | undefined;
  save(name: string, value: unknown): void;
}

export function openData(folder: string): Data {
  mkdirSync(folder, { recursive: true });
  const path = (name: string): string => join(folder, name);
  /** A file is there as a whole or not at all. */
  const write = (name: string, content: string | Uint8Array): void => {
    writeFileSync(path(`${name}.new`), content, { mode: 0o600 });
    renameSync(path(`${name}.new`), path(name));
  };
  return {
    key() {
      if (!existsSync(path('key'))) write('key', randomBytes(32));
      return readFileSync(path('key'));
    },
    load: (name) => (existsSync(path(`${name}.json`)) ? JSON.parse(readFileSync(path(`${name}.json`), 'utf8')) : undefined),
    save: (name, value) => { write(`${name}.json`, JSON.stringify(value)); },
  };
}
