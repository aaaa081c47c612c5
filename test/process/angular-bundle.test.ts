import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;

/** A page that uses some of the entries, bundled as for production: Angular and RxJS are its own. Gives the files of rxmp in it, and what it imports. */
async function bundled(source: string, conditions: readonly string[]): Promise<{ files: string[]; imports: string[] }> {
  const page = '\0page';
  const bundle = await rolldown({
    input: page,
    cwd: ROOT,
    platform: 'neutral',
    logLevel: 'silent',
    external: /^(@angular|rxjs|node:|ws$|pino$)/,
    resolve: { conditionNames: [...conditions, 'import', 'default'] },
    plugins: [{
      name: 'page',
      resolveId(id, importer) {
        if (id === page) return page;
        return importer === page ? this.resolve(id, `${ROOT}page.js`) : null;
      },
      load: (id) => (id === page ? source : null),
    }],
  });
  const { output } = await bundle.generate({ minify: true, codeSplitting: false });
  await bundle.close();
  const [{ imports, moduleIds }] = output;
  return { imports, files: moduleIds.filter((id) => id.startsWith(`${ROOT}dist/bundle/`)).map((id) => id.slice(`${ROOT}dist/bundle/`.length)) };
}

const SOURCE = "export { provideRxmp, callResource } from 'rxmp/angular'; export { PortDied } from 'rxmp';";

describe('A6: rxmp/angular, as built', () => {
  it('brings a page the build of rxmp for pages, the one that the page itself imports', async () => {
    const { files, imports } = await bundled(SOURCE, ['browser']);
    expect(files).toContain('angular.js');
    // whichever of the entries for pages shares it
    expect(files.filter((file) => /^(shared\/)?browser(-node)?\.js$/.test(file))).toHaveLength(1);
    expect(files).not.toContain('index.js');
    expect(imports.filter((name) => !/^(@angular\/core|rxjs)/.test(name))).toEqual([]);
  }, 60_000);

  it('and Node.js that for Node.js', async () => {
    const { imports } = await bundled(SOURCE, ['node']);
    expect(imports).toContain('node:net');
  }, 60_000);

  it('has nothing of scopes for a page that has none', async () => {
    expect((await bundled("export { injectKey } from 'rxmp/angular';", ['browser'])).files).toEqual(['angular.js']);
    expect((await bundled("export { injectScope } from 'rxmp/angular';", ['browser'])).files).toContain('federation.js');
  }, 60_000);
});
