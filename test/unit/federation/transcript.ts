import { expect } from 'vitest';
import type { Spec } from '../../../src/federation/core/spec.js';
import type { TestNetwork, Traced } from './network.js';

const KINDS: Readonly<Record<string, string>> = { assert: 'As', clear: 'Cl', end: 'End', add: 'Add', del: 'Del', msg: 'Msg' };

/** Names for patterns and for what they capture, in the expected texts. */
export interface Words {
  readonly specs: Readonly<Record<string, Spec>>;
  readonly captures: Readonly<Record<string, readonly unknown[]>>;
}

/**
 * Compares what went over links with texts such as `A>B As aB S`, `B>A Add aB x`, `A>B Cl aB`. Ids are bound by their `As`
 * and never compared as numbers; the order counts within each direction of a link.
 */
export function createTranscript(network: TestNetwork, words: Words) {
  const names = new Map<string, string>();
  const specWords = new Map(Object.entries(words.specs).map(([word, spec]) => [JSON.stringify(spec), word]));
  const captureWords = new Map(Object.entries(words.captures).map(([word, captures]) => [JSON.stringify(captures), word]));

  /** The one who made up the id sends `As` and `Cl`. */
  const keyOf = ({ way, session, packet: [kind, id] }: Traced): string => {
    const [from, to] = way.split('>');
    return `${session} ${kind === 'assert' || kind === 'clear' ? from : to} ${String(id)}`;
  };
  const shownOf = (traced: Traced): string => {
    const { way, packet: [kind, , payload] } = traced;
    const word = kind === 'assert' ? specWords.get(JSON.stringify(payload)) : captureWords.get(JSON.stringify(payload));
    const rest = payload === undefined ? [] : [word ?? JSON.stringify(payload)];
    return [way, KINDS[String(kind)], names.get(keyOf(traced)) ?? `an unbound id`, ...rest].join(' ');
  };
  const byWay = (lines: readonly string[]): Record<string, string[]> => {
    const ways: Record<string, string[]> = {};
    for (const line of lines) (ways[line.split(' ')[0] ?? ''] ??= []).push(line);
    return ways;
  };

  return (...expected: readonly string[]): void => {
    network.flush();
    const actual = network.trace();
    for (const [way, lines] of Object.entries(byWay(expected))) {
      const asserts = actual.filter((traced) => traced.way === way && traced.packet[0] === 'assert');
      for (const [i, line] of lines.filter((text) => text.split(' ')[1] === 'As').entries()) {
        const [, , name = ''] = line.split(' ');
        const traced = asserts[i];
        if (traced === undefined) continue;
        expect([...names.values()], `the name ${name} is bound already`).not.toContain(name);
        names.set(keyOf(traced), name);
      }
    }
    expect(byWay(actual.map(shownOf))).toEqual(byWay(expected));
  };
}
