import type { Packet } from '../../../src/federation/core/packets.js';
import { check } from '../database/check.js';
import { textOf } from './vocabulary.js';

/** Any packet: controls are not looked at. */
type Said = readonly unknown[];

/** What one end of a link has said and heard, put together from the packets alone. */
export interface Ledger {
  /** Subscriptions of the other end that are alive, by id: the patterns. */
  readonly ins: ReadonlyMap<number, string>;
  /** Subscriptions of this end that are alive, by id. */
  readonly outs: ReadonlyMap<number, string>;
  /** Cleared by this end, and not ended yet. */
  readonly retired: ReadonlySet<number>;
  /** What this end has told of, by the id of the other end. */
  readonly told: ReadonlyMap<number, ReadonlySet<string>>;
  /** What the other end has told of, by the id of this end. */
  readonly heard: ReadonlyMap<number, ReadonlySet<string>>;
  said(packet: Said): void;
  got(packet: Said): void;
}

/** Throws for what an end says against the rules of §2 and I2, whatever state it is in. */
export function createLedger(name: string): Ledger {
  const ins = new Map<number, string>();
  const outs = new Map<number, string>();
  const used = new Set<number>();
  const retired = new Set<number>();
  /** Cleared by the other end, and not ended yet. */
  const ending = new Set<number>();
  const told = new Map<number, Set<string>>();
  const heard = new Map<number, Set<string>>();

  return {
    ins, outs, retired, told, heard,
    said(said) {
      const packet = said as Packet;
      const [kind, id] = packet;
      const expected = (isRight: boolean, what: string): void => {
        check(isRight, () => `${name} says ${textOf(packet)}: ${what}`);
      };
      if (kind === 'assert') {
        const spec = textOf(packet[2]);
        expected(!used.has(id), 'an id is used again in a session');
        expected(![...outs.values()].includes(spec), 'I2: a second subscription');
        used.add(id);
        outs.set(id, spec);
        heard.set(id, new Set());
      } else if (kind === 'clear') {
        expected(outs.delete(id), 'not subscribed');
        heard.delete(id);
        retired.add(id);
      } else if (kind === 'end') expected(ending.delete(id), 'not cleared');
      else if (kind === 'add') {
        const matches = told.get(id);
        expected(matches?.has(textOf(packet[2])) === false, 'told before, or to nobody');
        matches?.add(textOf(packet[2]));
      } else if (kind === 'del') expected(told.get(id)?.delete(textOf(packet[2])) === true, 'not told before');
      else if (kind === 'msg') expected(ins.has(id), 'told to nobody');
    },
    got(got) {
      const packet = got as Packet;
      const [kind, id] = packet;
      if (kind === 'assert') {
        ins.set(id, textOf(packet[2]));
        told.set(id, new Set());
      } else if (kind === 'clear') {
        ins.delete(id);
        told.delete(id);
        ending.add(id);
      } else if (kind === 'end') retired.delete(id);
      else if (kind === 'add') heard.get(id)?.add(textOf(packet[2]));
      else if (kind === 'del') heard.get(id)?.delete(textOf(packet[2]));
    },
  };
}
