import { toReason, type Reason } from '../../kernel/core/message.js';
import { ProtocolError } from '../../wire/errors.js';
import { kindOf } from '../../wire/message.js';

/** What the two ends of a stream say to each other beside what is written to it: never behind that, so that it arrives also when nobody reads. */
export type Control =
  /** The end that has accepted listens at these addresses, if any: the other one makes the connection. */
  | { readonly kind: 'dial'; readonly addresses: readonly string[] }
  /** The end that has accepted makes the connection. */
  | { readonly kind: 'wait' }
  /** All was written: so many octets. */
  | { readonly kind: 'end'; readonly total: number }
  /** All that was written has arrived. */
  | { readonly kind: 'done' }
  /** Nothing more is written; nothing more is read. */
  | { readonly kind: 'abort' | 'cancel'; readonly reason: Reason }
  /** The port of this end is dead. */
  | { readonly kind: 'died'; readonly reason: Reason }
  /** Both directions are over here: last. */
  | { readonly kind: 'over' };

export function elementsOf(control: Control): readonly unknown[] {
  switch (control.kind) {
    case 'dial':
      return [control.kind, ...control.addresses];
    case 'end':
      return [control.kind, control.total];
    case 'abort':
    case 'cancel':
    case 'died':
      return [control.kind, ...control.reason];
    case 'wait':
    case 'done':
    case 'over':
      return [control.kind];
  }
}

/** Throws {@link ProtocolError} for what no end of a stream says. */
export function controlOf([kind, ...rest]: readonly unknown[]): Control {
  switch (kind) {
    case 'dial':
      return { kind, addresses: addressesOf(rest) };
    case 'end': {
      const [total] = rest;
      if (!Number.isSafeInteger(total) || (total as number) < 0) throw new ProtocolError(`a stream ends after some octets, got ${kindOf(total)}`);
      return { kind, total: total as number };
    }
    case 'abort':
    case 'cancel':
    case 'died':
      return { kind, reason: toReason(rest) };
    case 'wait':
    case 'done':
    case 'over':
      return { kind };
    default:
      throw new ProtocolError(`no end of a stream says ${kindOf(kind)}`);
  }
}

/** More are not tried. */
const MOST_ADDRESSES = 32;

/** Throws {@link ProtocolError} for what are no addresses. */
export function addressesOf(values: readonly unknown[]): readonly string[] {
  return values.slice(0, MOST_ADDRESSES).map((value) => {
    if (typeof value === 'string') return value;
    throw new ProtocolError(`an address is a text, got ${kindOf(value)}`);
  });
}
