import { describe, expect, it } from 'vitest';
import { addCounts, countWords, differences, topWords } from '../../examples/wordcount/count.js';
import { dist, ending, eventually, isAlive, startChild, type Child } from './children.js';

const MAIN = dist('examples/wordcount/main.js');
const start = (megabytes: string): Child => startChild([MAIN], { env: { WORDCOUNT_MB: megabytes } });

/** The processes that the example says it has started, once a seed and three workers run. */
function pids(child: Child): number[] | undefined {
  const found = [...child.stdout.matchAll(/^\S+  pid (\d+) /gm)].map(([, pid]) => Number(pid));
  return found.length >= 4 ? found : undefined;
}

async function allGone(processes: readonly number[]): Promise<void> {
  await eventually('the end of the processes', () => !processes.some(isAlive), 5_000);
}

describe('the word count', () => {
  it('is right though a worker is killed, and leaves no process behind', async () => {
    const child = start('2');
    const { code, stdout, stderr } = await ending(child, 25_000);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^text: 2\.\d MB, /);
    expect(stdout.match(/^worker-\d  pid \d+  \S+$/gm)?.sort()).toEqual([
      expect.stringMatching(/^worker-1 .* 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^worker-2 .* 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^worker-3 .* ws:\/\/127\.0\.0\.1:\d+/),
      expect.stringMatching(/^worker-4 .* 127\.0\.0\.1:\d+$/),
    ]);
    // all are found by their family, also the one that comes when others have begun
    expect(stdout.match(/^worker-\d has joined$/gm)).toHaveLength(4);
    expect(stdout.indexOf('worker-4 has joined')).toBeGreaterThan(stdout.indexOf('batches'));
    expect(stdout).toMatch(/^worker-4 +[1-9]\d* batches /m);
    // the victim had work to do, or its death would prove nothing
    expect(stdout).toMatch(/^worker-2 has left: /m);
    expect(stdout).toMatch(/^[1-9]\d* batches were left unfinished/m);
    expect(stdout.match(/^worker-\d .* batches .* lines .* words\/s/gm)).toHaveLength(4);
    expect(stdout).toMatch(/\ntop 10 of \d+ different words:\n(  \S+ +\d+\n){10}equal: yes\n$/);
    // the example itself waits for its processes: none may be left by now
    expect(pids(child)?.filter(isAlive)).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends in the middle at %s with %i, with all its processes', async (signal, expected) => {
    const child = start('20');
    const processes = await eventually('the count to start', () => child.stdout.includes('%') && pids(child), 25_000);
    child.kill(signal);
    const { code, stdout } = await ending(child);
    expect(code).toBe(expected);
    expect(stdout).not.toContain('equal');
    expect(processes.filter(isAlive)).toEqual([]);
  });

  it('takes its processes along when it is killed itself', async () => {
    const child = start('5');
    const processes = await eventually('the processes', () => pids(child), 25_000);
    child.kill('SIGKILL');
    await child.ended;
    await allGone(processes);
  });
});

describe('counting', () => {
  it('counts words that objects have for themselves, in any case', () => {
    const counts = countWords(['The constructor, the __proto__.', "don't: THE"]);
    expect(Object.fromEntries(topWords(counts, 1))).toEqual({ the: 3 });
    expect([...counts]).toEqual([['the', 3], ['constructor', 1], ['__proto__', 1], ["don't", 1]]);
  });

  it('finds a word that was lost, added or counted twice', () => {
    const expected = countWords(['a b b c']);
    expect(differences(addCounts(new Map(), expected), expected)).toEqual([]);
    expect(differences(countWords(['a b d d']), expected)).toEqual([['b', 1, 2], ['d', 2, 0], ['c', 0, 1]]);
  });
});
