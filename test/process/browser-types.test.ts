import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const ROOT = new URL('../../', import.meta.url).pathname;
const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

/** The entries of package.json that browsers have. */
const ENTRIES = Object.keys(manifest.exports)
  .filter((entry) => entry !== './package.json' && !entry.endsWith('testing'))
  .map((entry) => entry.replace('.', 'rxmp'));

/** A project that has installed rxmp, rxjs, and of others what is said, with one file. Gives what the compiler complains of. */
async function compiled(source: string, options: ts.CompilerOptions, others: readonly string[] = []): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rxmp-types-'));
  folders.push(folder);
  await mkdir(join(folder, 'node_modules/rxmp'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  // without node_modules of its own, in which types of Node.js would be found
  await symlink(join(ROOT, 'dist'), join(folder, 'node_modules/rxmp/dist'));
  await symlink(join(ROOT, 'package.json'), join(folder, 'node_modules/rxmp/package.json'));
  for (const name of ['rxjs', '@standard-schema', ...others]) await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  const file = join(folder, 'page.ts');
  await writeFile(file, source);
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    preserveSymlinks: true,
    ...options,
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const ANGULAR = 'rxmp/angular';

const PAGE = `
  import { createNode, webSocketTransport } from 'rxmp';
  ${ENTRIES.filter((entry) => entry !== ANGULAR).map((entry, i) => `export * as entry${i} from '${entry}';`).join('\n')}
  export const node = createNode({ seeds: ['wss://chat.example/mp'], transports: [webSocketTransport()] });
`;
const LIB = ['lib.es2022.d.ts', 'lib.dom.d.ts'];

describe('types in a browser project', () => {
  it('need neither @types/node nor a newer lib than ES2022', async () => {
    expect(await compiled(PAGE, { lib: LIB, customConditions: ['browser'] })).toEqual([]);
  }, 60_000);

  it('of rxmp/angular need Angular and nothing else, and families are declared by the name of the entry (A7)', async () => {
    const source = `
      import { injectFamily, type FamilySignal } from '${ANGULAR}';
      declare module '${ANGULAR}' {
        interface Families { rooms: { title: string } }
      }
      export const rooms: FamilySignal<{ title: string }> = injectFamily('rooms');
      // @ts-expect-error -- it is not what was declared
      export const others: FamilySignal<number> = injectFamily('rooms');
    `;
    expect(await compiled(source, { lib: LIB, customConditions: ['browser'] }, ['@angular'])).toEqual([]);
  }, 60_000);

  it('the check sees what Node.js has', async () => {
    expect((await compiled(PAGE, { lib: LIB })).some((text) => text.includes("'node:net'"))).toBe(true);
  }, 60_000);
});
