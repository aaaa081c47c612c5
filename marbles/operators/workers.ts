import { map } from 'rxjs';
import type { FamilyChange, MpNode, Port, PortId } from 'rxmp';
import { changes } from './changes.js';

/** What the workers of these tests are asked, and what they answer. */
export type Protocol = ['ask', letter: string, PortId<[string]>];

/** A port that answers a letter with its name and the letter, `ms` later. */
export function worker(node: MpNode, name: string, ms: number): Port<Protocol> {
  return node.rcv(node.port<Protocol>(), {
    ask: (letter, to) => {
      if (ms === 0) node.snd(to, name + letter);
      else node.after(ms, to, name + letter);
    },
  });
}

/** A port that never answers, and the letters that it was asked. */
export function mute(node: MpNode): { readonly port: Port<Protocol>; readonly asked: string[] } {
  const asked: string[] = [];
  return { port: node.rcv(node.port<Protocol>(), { ask: (letter) => asked.push(letter) }), asked };
}

/** What `dbMon` first says of a family of these ports. */
export const familyOf = (...ports: readonly { readonly id: string }[]): FamilyChange<number> =>
  changes({ all: Object.fromEntries(ports.map(({ id }) => [id, 1])) }).all;

export const ask = map((letter: string) => ['ask', letter] as const);

export const answerText = map(({ reply: [text] }: { readonly reply: readonly [string] }) => text);

/** The values of a diagram whose marks are numbers. */
export const answers = (...texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(texts.map((text, i) => [String(i + 1), text]));
