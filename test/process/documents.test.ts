import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { VERSION } from 'rxmp';
import { clean, run, typeErrors } from './doc-examples.js';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const readme = readFileSync(root('README.md'), 'utf8');
const manifest = JSON.parse(readFileSync(root('package.json'), 'utf8')) as Record<string, Record<string, string>>;

/**
 * Runs a JavaScript program of a document, the first one unless told otherwise, in the built tree, where `rxmp` is found as in node_modules.
 * `others` are files beside it, by the numbers of their programs.
 */
function runProgram(document: string, number = 0, others: Readonly<Record<string, number>> = {}): { stdout: string; stderr: string; status: number | null } {
  const programs = [...document.matchAll(/```js\n([^]*?)```/g)].map(([, program = '']) => program);
  const folder = root('dist/documents');
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(`${folder}/`);
  for (const [name, other] of Object.entries(others)) writeFileSync(`${own}/${name}`, programs[other] ?? '');
  const file = `${own}/program.mjs`;
  writeFileSync(file, programs[number] ?? '');
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 10_000 });
  return { stdout, stderr, status };
}

describe('README', () => {
  it('shows the two commands first, and CI runs exactly its test command', () => {
    const [, commands = ''] = /```sh\n([^`]*)```/.exec(readme) ?? [];
    const [start = '', test = ''] = commands.split('\n').map((line) => line.split('#')[0]?.trim());
    expect(start).toBe('npm ci && npm start');
    expect(test).toBe('npm ci && npm test');
    expect(readFileSync(root('.ci/run'), 'utf8').split('\n')).toContain(test);
  });

  it('has an example that runs as printed: a hub, workers and a client, which reach each other through it (S23)', () => {
    const { stdout, ...end } = runProgram(readme);
    expect(end).toEqual({ stderr: '', status: 0 });
    const lines = stdout.trimEnd().split('\n').sort();
    expect(lines.map((line) => line.split(',')[0])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${n} * ${n} = ${n * n}`));
    for (const line of lines) expect(line).toMatch(/, says worker[123]#\w+$/);
  });

  it('has a second example that runs as printed', () => {
    const { stdout, ...end } = runProgram(readme, 1);
    expect(end).toEqual({ stderr: '', status: 0 });
    expect(stdout.match(/total \d+/g)).toEqual(['total 1', 'total 3', 'total 6', 'total 10', 'total 15']);
    expect(stdout).toContain('the counter died of');
  });

  it('links to what is there', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((path) => !existsSync(root(path)))).toEqual([]);
  });
});

describe('docs/testing.md', () => {
  it('has an example that runs as printed', () => {
    expect(runProgram(readFileSync(root('docs/testing.md'), 'utf8'))).toEqual({ stdout: '', stderr: '', status: 0 });
  });
});

describe('docs/channels.md', () => {
  it('has an example that runs as printed', () => {
    const { stdout, ...end } = runProgram(readFileSync(root('docs/channels.md'), 'utf8'));
    expect(end).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^\[ 42 \]\n127\.0\.0\.1:\d+\nvia:\S+\n$/);
  });
});

describe('docs/connections.md', () => {
  it('has an example that runs as printed', () => {
    const { stdout, ...end } = runProgram(readFileSync(root('docs/connections.md'), 'utf8'));
    expect(end).toEqual({ stderr: '', status: 0 });
    const [here, said, ...rest] = stdout.trimEnd().split('\n');
    expect([here, said]).toEqual(['ann is here', 'ann: good night']);
    expect(rest.sort()).toEqual(['closed: for today', 'not in the room any more']);
  });

  it('has a program with the types that it uses, and links to what is there', () => {
    const document = readFileSync(root('docs/connections.md'), 'utf8');
    const [, code = ''] = /```ts\n([^]*?)```/.exec(document) ?? [];
    expect(typeErrors([{ name: 'docs/connections.md', code }])).toEqual([]);
    const links = [...document.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(root(`docs/${path}`)))).toEqual([]);
    clean();
  }, 60_000);
});

describe('docs/angular.md', () => {
  it('has programs with the types that they use, and links to what is there', () => {
    const document = readFileSync(root('docs/angular.md'), 'utf8');
    const programs = [...document.matchAll(/```ts\n([^]*?)```/g)].map(([, code = ''], i) => ({ name: `docs/angular.md ${i}`, code }));
    expect(programs.length).toBeGreaterThan(5);
    expect(typeErrors(programs)).toEqual([]);
    const links = [...document.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(root(`docs/${path}`)))).toEqual([]);
    clean();
  }, 60_000);
});

describe('docs/frameworks.md', () => {
  it('links to what is there; its programs are run in Chromium (npm run test:browser)', () => {
    const document = readFileSync(root('docs/frameworks.md'), 'utf8');
    const links = [...document.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(root(`docs/${path}`)))).toEqual([]);
  });
});

describe('examples/angular', () => {
  it('has the dependencies of this rxmp in its lock file, so that npm ci installs it', () => {
    const lock = JSON.parse(readFileSync(root('examples/angular/package-lock.json'), 'utf8')) as { packages: Record<string, Record<string, Record<string, string>>> };
    const { dependencies, peerDependencies } = lock.packages['node_modules/rxmp']!;
    expect({ dependencies, peerDependencies }).toEqual({ dependencies: manifest['dependencies'], peerDependencies: manifest['peerDependencies'] });
  });

  it('has a README that links to what is there', () => {
    const document = readFileSync(root('examples/angular/README.md'), 'utf8');
    const links = [...document.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, path]) => path!);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((path) => !existsSync(root(`examples/angular/${path}`)))).toEqual([]);
  });
});

describe('docs/workers.md', () => {
  const document = readFileSync(root('docs/workers.md'), 'utf8');

  it('has a pool of workers that runs as printed', () => {
    const { stdout, ...end } = runProgram(document, 1, { 'squares.mjs': 0 });
    expect(end).toEqual({ stderr: '', status: 0 });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.slice(0, 4).sort()).toEqual(['1 * 1 = 1', '2 * 2 = 4', '3 * 3 = 9', '4 * 4 = 16']);
    expect(lines[4]).toBe('one: it was terminated');
  });

  it('has two nodes at a port that run as printed', () => {
    const { stdout, ...end } = runProgram(document, 2);
    expect(end).toEqual({ stderr: '', status: 0 });
    expect(stdout).toBe("[ 'hello ada' ]\nport:frame true\n");
  });

  it('links to what is there', () => {
    const links = [...document.matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(root(`docs/${path}`)))).toEqual([]);
  });
});
describe('docs/streams.md', () => {
  const document = readFileSync(root('docs/streams.md'), 'utf8');
  afterAll(clean);

  it('has an example that runs as printed', () => {
    const { stdout, ...end } = runProgram(document);
    expect(end).toEqual({ stderr: '', status: 0 });
    expect(stdout).toBe('somebody wants echo\ndirect\nhello\n');
  });

  it('has one of Observables, with the types that it uses', async () => {
    const [, code = ''] = /```ts\n([^]*?)```/.exec(document) ?? [];
    const program = { name: 'docs/streams.md', code };
    expect(typeErrors([program])).toEqual([]);
    expect(await run(program)).toEqual({ code: 0, stderr: '', stdout: '0\n1\n2\n' });
  }, 60_000);
});

describe('docs/guests.md', () => {
  const document = readFileSync(root('docs/guests.md'), 'utf8');
  afterAll(clean);

  it('has an example that runs as printed', () => {
    const { stdout, ...end } = runProgram(document);
    expect(end).toEqual({ stderr: '', status: 0 });
    expect(stdout).toBe("[ 'hello ada' ]\nforbidden: to set \"bob\" in \"presence\": that takes write(\"presence\", { key: \"bob\" })\n");
  });

  it('has a program with the types that it uses, and links to what is there', () => {
    const programs = [...document.matchAll(/```ts\n(import [^]*?)```/g)].map(([, code = ''], i) => ({ name: `docs/guests.md program ${i + 1}`, code }));
    expect(programs).toHaveLength(1);
    expect(typeErrors(programs)).toEqual([]);
    const links = [...document.matchAll(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(root(`docs/${path}`)))).toEqual([]);
  }, 60_000);
});

describe('docs/database.md', () => {
  it('has an example that runs as printed', () => {
    const { stdout, ...end } = runProgram(readFileSync(root('docs/database.md'), 'utf8'));
    expect(end).toEqual({ stderr: '', status: 0 });
    expect(stdout).toContain('[ 144 ]');
  });
});

describe('docs/federation.md', () => {
  const document = readFileSync(root('docs/federation.md'), 'utf8');
  // each program is followed by what it prints
  const programs = [...document.matchAll(/^```ts\n([^]*?)```\n(?:\n```text\n([^]*?)```)?/gm)].map(([, code = '', output], i) => ({
    name: `docs/federation.md program ${i + 1}`,
    code,
    output,
  }));
  afterAll(clean);

  it('has programs with the types that they use', () => {
    expect(programs.length).toBeGreaterThan(4);
    expect(typeErrors(programs)).toEqual([]);
  }, 60_000);

  it.each(programs)('has examples that print what they say: $name', async ({ output, ...program }) => {
    expect(output).toBeDefined();
    expect(await run(program)).toEqual({ code: 0, stderr: '', stdout: output });
  });

  it('links to what is there', () => {
    const links = [...document.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(root(`docs/${path}`)))).toEqual([]);
  });
});

describe('docs/deployment.md', () => {
  const document = readFileSync(root('docs/deployment.md'), 'utf8');
  afterAll(clean);

  it('has a program with the types that it uses, and links to what is there', () => {
    const [, code = ''] = /```ts\n([^]*?)```/.exec(document) ?? [];
    expect(typeErrors([{ name: 'docs/deployment.md', code }])).toEqual([]);
    const links = [...document.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(root(`docs/${path}`)))).toEqual([]);
  }, 60_000);
});

describe('package.json', () => {
  it('has the version that nodes announce', () => {
    expect(manifest['version']).toBe(VERSION);
  });

  it('has every dependency justified in docs/dependencies.md', () => {
    const document = readFileSync(root('docs/dependencies.md'), 'utf8');
    const names = ['dependencies', 'devDependencies', 'peerDependencies'].flatMap((kind) => Object.keys(manifest[kind]!));
    expect(names.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });
});
