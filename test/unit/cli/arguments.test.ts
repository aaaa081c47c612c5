import { describe, expect, it } from 'vitest';
import { wordsOf } from '../../../src/cli/arguments.js';
import { createProgram } from '../../../src/cli/program.js';

describe('L2: words of the configuration need no command before them', () => {
  it.each<[readonly string[], readonly string[]]>([
    [['setsecret', 'x'], ['config', 'setsecret', 'x']],
    [['profile', 'a', 'showconfig'], ['config', 'profile', 'a', 'showconfig']],
    [['seeds', 'a:1'], ['config', 'seeds', 'a:1']],
    [['["seeds",["a:1"],"monitor_timeout",5]'], ['config', 'seeds', '["a:1"]', 'monitor_timeout', '5']],
    [['gensecret'], ['gensecret']],
    [['gensecret', 'profile', 'a'], ['config', 'gensecret', 'profile', 'a']],
    [['guests', '--json'], ['guests', '--json']],
    [['--context', 'prod', 'nodes'], ['--context', 'prod', 'nodes']],
    [[], []],
  ])('%j', (args, expected) => {
    expect(wordsOf(args)).toEqual(expected);
  });

  it('and no command of rxmp is taken for one', () => {
    for (const { name } of createProgram().commands.map((command) => ({ name: command.name() }))) expect(wordsOf([name, '--help'])[0], name).toBe(name);
  });

  it.each(['[', '["a"', '{"a":1}]'])('refuses %s, which begins as a list and is none', (text) => {
    if (text.startsWith('[')) expect(() => wordsOf([text])).toThrow('what begins with [ has to be a JSON list of all arguments');
    else expect(wordsOf([text])).toEqual([text]);
  });
});
