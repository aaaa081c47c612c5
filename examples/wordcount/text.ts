import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A text, and what it was made of. */
export interface Text {
  readonly lines: readonly string[];
  readonly octets: number;
  readonly files: number;
}

/** What people wrote to be read comes first, programs last. */
const KINDS = [/\.md$/i, /(^|\/)(licen[cs]e|copying|notice)[^/]*$/i, /\.d\.[cm]?ts$/, /\.[cm]?[jt]s$/];

/** Generated files have lines without end; they are not text. */
const LONGEST_LINE = 2_000;

/** At least `octets` of real text: documentation, licences, declarations and sources of the installed packages. */
export function installedText(octets: number): Text {
  const root = fileURLToPath(new URL('node_modules', import.meta.resolve('rxmp/package.json')));
  // sorted, so that the same packages give the same text
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  const lines: string[] = [];
  let read = 0;
  let files = 0;
  for (const path of KINDS.flatMap((kind) => paths.filter((name) => kindOf(name) === kind))) {
    if (read >= octets) break;
    const text = readText(join(root, path));
    const these = text.split('\n');
    if (these.some((line) => line.length > LONGEST_LINE)) continue;
    for (const line of these) lines.push(line);
    read += Buffer.byteLength(text);
    files++;
  }
  return { lines, octets: read, files };
}

function kindOf(path: string): RegExp | undefined {
  return KINDS.find((kind) => kind.test(path));
}

/** A directory can be called `something.js`: it has no text. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
