import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { peer } from './peers.js';

/** What is used of esbuild. */
interface Esbuild {
  build(options: object): Promise<{
    readonly outputFiles: readonly { readonly contents: Uint8Array }[];
    readonly metafile: { readonly inputs: Readonly<Record<string, { readonly imports: readonly { readonly path: string }[] }>> };
  }>;
}

export interface Bundle {
  /** Minified and packed by gzip. */
  readonly octets: number;
  /** Modules of Node.js that it would need. */
  readonly platform: readonly string[];
  /** The files that it is made of. */
  readonly files: readonly string[];
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PEERS = fileURLToPath(new URL('../../../bench/', import.meta.url));
const platform = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/** Bundles a module for browsers; modules of Node.js stay outside. */
export async function bundled(source: string): Promise<Bundle> {
  const { outputFiles, metafile } = await peer<Esbuild>('esbuild').build({
    stdin: { contents: source, resolveDir: source.includes('rxmp') || source.includes('rxjs') ? ROOT : PEERS },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    external: platform,
    // as those who have installed the package: its paths are not theirs
    tsconfigRaw: '{}',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const outside = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path).filter((path) => platform.includes(path)));
  return {
    octets: gzipSync(outputFiles[0]?.contents ?? new Uint8Array()).length,
    platform: [...new Set(outside)].sort(),
    files: Object.keys(metafile.inputs),
  };
}

/** The names that the files of a bundle import from rxjs. */
export function rxjsOfRxmp({ files }: Bundle): readonly string[] {
  const own = files.filter((file) => file.startsWith('dist/'));
  const names = own.flatMap((file) => {
    const lists = readFileSync(ROOT + file, 'utf8').matchAll(/import \{([^}]*)\} from ['"]rxjs['"]/g);
    return [...lists].flatMap(([, list = '']) => list.split(',').map((name) => name.replace(/ as .*/s, '').trim()));
  });
  return [...new Set(names)].filter((name) => name !== '').sort();
}
