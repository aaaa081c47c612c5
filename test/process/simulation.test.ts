import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

function run(...args: string[]): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  return { stdout, stderr, status };
}

const simulate = (...args: string[]) => run(root('dist/test/simulation/main.js'), ...args);

describe('npm run sim', { timeout: 120_000 }, () => {
  it('plays many runs and sums them up', () => {
    const { stdout, status } = simulate('--runs', '4', '--from', '7');
    expect(stdout).toMatch(/^4 runs, [\d,]+ actions, [\d.]+ virtual hours$/m);
    expect(stdout).toContain('0 violations');
    expect(status).toBe(0);
  });

  it('replays one, with all that happens', () => {
    const [first, second] = [simulate('--seed', '9', '--trace'), simulate('--seed', '9', '--trace')];
    expect(first).toEqual(second);
    expect(first.stdout.split('\n').length).toBeGreaterThan(200);
    expect(first.status).toBe(0);
  });

  it('measures what a join takes', () => {
    const { stdout, status } = simulate('--nodes', '10');
    expect(stdout.match(/^\| 10 \|( [\d,]+ \|){3}$/gm)).toHaveLength(2);
    expect(status).toBe(0);
  });
});

describe('docs/simulation.md', () => {
  it('has an example that runs as printed', () => {
    const [, program = ''] = /```js\n([^]*?)```/.exec(readFileSync(root('docs/simulation.md'), 'utf8')) ?? [];
    const folder = root('dist/documents');
    mkdirSync(folder, { recursive: true });
    const file = `${mkdtempSync(`${folder}/`)}/program.mjs`;
    writeFileSync(file, program);
    expect(run(file)).toEqual({ stdout: '', stderr: '', status: 0 });
  });
});

describe('examples/partition', () => {
  it('runs', { timeout: 60_000 }, () => {
    const { stdout, stderr, status } = run(root('dist/examples/partition/main.js'));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/all agreed after \d+ ms at most/);
    expect(status).toBe(0);
  });
});
