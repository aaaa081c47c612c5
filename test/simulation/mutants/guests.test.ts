import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { attack } from '../hostile/play.js';
import { mutate } from './build.js';
import type { Mutant } from './mutants.js';

/** A mutant that so many attacks of so many inputs don't catch is not caught. */
const ATTACKS = 4;
const INPUTS = 2_500;

const SESSION = 'src/access/gate/session.ts';
const HOLDER = 'src/access/core/holder.ts';
const mutants: readonly Mutant[] = [
  { name: 'lets what other nodes say pass as a word of the gate', rules: ['G12'], changes: [[SESSION, "if (tag === CONTROL || (tag.startsWith('g_') && node !== gate)) return false;", "if (tag.startsWith('g_') && node !== gate) return false;"]] },
  { name: 'does not look for secrets in messages', rules: ['G2', 'G3'], changes: [[HOLDER, '        if (isSecret(text)) found = text;', '        void isSecret(text);']] },
  { name: 'lets messages to ports pass', rules: ['G2', 'G3'], changes: [['src/access/core/judge.ts', ': judgeMessage(given, portName, message);', ': PASS;']] },
  { name: 'lets a guest kill any port', rules: ['G2', 'G3'], changes: [['src/access/core/judge.ts', '    if (!holder.spawned.has(port)) return refused', '    if (!holder.spawned.has(port) && name === node) return refused']] },
  { name: 'leaves ports behind that a guest has spawned', rules: ['G3'], changes: [[SESSION, "      context.kil(port, ['guest_gone', id]);", '      void context;']] },
  { name: 'lets a guest set any key', rules: ['G2', 'G12'], changes: [[HOLDER, 'mayWrite: (family: string, key: string): boolean => mayWrite(rights, family, key),', 'mayWrite: (family: string, key: string): boolean => family !== key,']] },
];

describe('G12: a gate that is broken on purpose is caught by an attack', () => {
  it.each(mutants)('one that $name', { timeout: 120_000 }, async (mutant) => {
    const folder = mutate(mutant);
    try {
      const { attack: play } = (await import(/* @vite-ignore */ `file://${folder}/test/simulation/hostile/play.js`)) as { readonly attack: typeof attack };
      for (let seed = 1; seed <= ATTACKS; seed++) {
        const { violation } = await play(seed, INPUTS);
        if (violation === undefined) continue;
        console.log(`${mutant.name}: attack ${seed}, ${violation.message.split('\n')[0] ?? ''}`);
        expect(mutant.rules).toContain(violation.rule);
        return;
      }
      expect.fail(`${ATTACKS} attacks have not caught it`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
