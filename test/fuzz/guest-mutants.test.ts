import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../unit/access/cases.js';
import { fuzz } from './fuzz.js';
import { guestSurface } from './guest-surface.js';

/** A mutant that so many inputs don't catch is not caught. */
const INPUTS = 100_000;
const SOURCE = new URL('../../src/', import.meta.url).pathname;
/** Under `node_modules`, so that nothing transforms what is loaded from there. */
const OUTPUT = new URL('../../node_modules/.cache/guests/', import.meta.url).pathname;
/** What judges. */
const BROKEN = 'access/core';
const PARTS = ['judge', 'judge-database', 'judge-stream', 'holder'] as const;
const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };

interface Mutant {
  readonly name: string;
  readonly file: (typeof PARTS)[number];
  readonly before: string;
  readonly after: string;
}

const unjudged = (kind: string): Mutant => ({ name: `lets ${kind} pass`, file: 'judge', before: '  return row(given, asked, message);', after: `  return asked.kind === '${kind}' ? PASS : row(given, asked, message);` });
const unjudgedInDatabase = (kind: string): Mutant => ({ name: `lets ${kind} pass`, file: 'judge-database', before: '  return row(given, request);', after: `  return request.kind === '${kind}' ? pass(request) : row(given, request);` });

const mutants: readonly Mutant[] = [
  ...['mon1', 'mon0', 'kil0', 'kil1', 'snd', 'can', 'time', 'eval', 'spawn', 'call', 'other'].map(unjudged),
  ...['g_slave', 'g_upd', 'g_find', 'g_db_family', 'g_db_keys', 'g_db_values', 'g_mon1', 'g_mon0', 'g_global', 'g_set', 'g_found', 'g_reply', 'g_chg1', 'g_chg2'].map(unjudgedInDatabase),
  { name: 'lets messages to ports pass', file: 'judge', before: ': judgeMessage(given, portName, message);', after: ': PASS;' },
  { name: 'lets channels for anything pass', file: 'judge-stream', before: '  if (what !== STREAM) return no', after: '  if (what === undefined) return no' },
  { name: 'lets streams to ports pass', file: 'judge-stream', before: "if (portName !== '' && !holder.maySend(port))", after: "if (portName === port && !holder.maySend(port))" },
  { name: 'lets streams to functions pass', file: 'judge-stream', before: "!holder.mayRun(name, node))) {", after: 'false)) {' },
  { name: 'does not look for secrets in messages', file: 'holder', before: '        if (isSecret(text)) found = text;', after: '        void isSecret(text);' },
  { name: 'takes octets for no text', file: 'holder', before: '      someText(message, (text) => {\n        if (isSecret', after: '      someText(message instanceof Array ? message.filter((one) => !(one instanceof Uint8Array)) : message, (text) => {\n        if (isSecret' },
  { name: 'does not forget introductions', file: 'holder', before: 'if (introduced.size > most.ports && introduced.deleteFirst()) forgotten++;', after: 'void most;' },
  { name: 'takes node ports for ports', file: 'holder', before: "    portNameOf(port) !== '' && (isOwn", after: '    (isOwn' },
  { name: 'echoes what a guest says to itself', file: 'judge', before: ' && message.length === 1) return PASS;', after: ') return PASS;' },
  { name: 'lets a guest name the ports that it spawns', file: 'judge', before: 'if (!isSpawnedName(holder.guest, name)) return', after: 'if (!isSpawnedName(holder.guest, name) && holder.guest === name) return' },
];

const emit = (path: string, source: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path.replace(/\.ts$/, '.js'), ts.transpileModule(source, { compilerOptions: options }).outputText);
};
const folderOf = ({ name }: Mutant): string => join(OUTPUT, name.replace(/\W+/g, '-'));

/** What judges, with one thing broken. Throws when the product has no longer exactly that text. */
async function brokenCore(mutant: Mutant): Promise<Core> {
  const { name, file, before, after } = mutant;
  const folder = folderOf(mutant);
  cpSync(join(OUTPUT, 'right', BROKEN), join(folder, BROKEN), { recursive: true });
  // whatever else it is made of, all have in common
  for (const top of readdirSync(join(OUTPUT, 'right'))) if (!existsSync(join(folder, top))) symlinkSync(join(OUTPUT, 'right', top), join(folder, top));
  const path = `${BROKEN}/${file}.ts`;
  const source = readFileSync(join(SOURCE, path), 'utf8');
  const found = source.split(before).length - 1;
  if (found !== 1) throw new Error(`"${name}": ${path} has this text ${found} times, expected once: ${before}`);
  emit(join(folder, path), source.replace(before, () => after));
  const parts = await Promise.all(PARTS.map((part) => import(/* @vite-ignore */ `file://${folder}/${BROKEN}/${part}.js`) as Promise<Partial<Core>>));
  return Object.assign({}, ...parts) as Core;
}

describe('G12: a gate that is broken on purpose is caught', () => {
  const tidy = (): void => { rmSync(OUTPUT, { recursive: true, force: true }); };
  beforeAll(() => {
    tidy();
    const emitted = new Set<string>();
    const emitAll = (file: string): void => {
      if (emitted.has(file)) return;
      emitted.add(file);
      const source = readFileSync(join(SOURCE, file), 'utf8');
      emit(join(OUTPUT, 'right', file), source);
      for (const { fileName } of ts.preProcessFile(source).importedFiles) if (fileName.startsWith('.')) emitAll(join(dirname(file), fileName.replace(/\.js$/, '.ts')));
    };
    for (const file of PARTS) emitAll(`${BROKEN}/${file}.ts`);
  });
  afterAll(tidy);

  it.each(mutants)('one that $name', { timeout: 60_000 }, async (mutant) => {
    const core = await brokenCore(mutant);
    expect(() => fuzz(guestSurface(core), { inputs: INPUTS })).toThrow('passes: ');
    rmSync(folderOf(mutant), { recursive: true, force: true });
  });
});
