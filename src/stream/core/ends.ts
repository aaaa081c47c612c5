import type { Reason } from '../../kernel/core/message.js';
import type { Control } from './control.js';

/** How far the two directions of a stream are, at one end. */
export interface Ends {
  /** `ended`: all was written, and the other end has not said that it has it. */
  readonly out: 'open' | 'ended' | 'over';
  readonly in: 'open' | 'over';
  /** Octets that have arrived, and how many there will be once the other end knows. */
  readonly received: number;
  readonly total: number | undefined;
}

/** Why a direction has failed: the other end has given it up, its port is dead, or something between the two broke. */
export type Cause =
  | { readonly kind: 'aborted' | 'died'; readonly reason: Reason }
  | { readonly kind: 'failed'; readonly error: unknown };

export type EndsEvent =
  /** All was written, so many octets. */
  | { readonly kind: 'close'; readonly total: number }
  /** This end writes no more, or reads no more. */
  | { readonly kind: 'abort' | 'cancel'; readonly reason: Reason }
  /** The port of this end is dead. */
  | { readonly kind: 'die'; readonly reason: Reason }
  /** Something broke, and this end knows first. */
  | { readonly kind: 'fail'; readonly error: unknown; readonly reason: Reason }
  | { readonly kind: 'arrived'; readonly octets: number }
  | { readonly kind: 'told'; readonly control: Control };

export type EndsEffect =
  | { readonly kind: 'say'; readonly control: Control }
  /** The other end has all that was written. */
  | { readonly kind: 'written' }
  /** All has arrived. */
  | { readonly kind: 'read' }
  | { readonly kind: 'fail writing' | 'fail reading'; readonly cause: Cause }
  /** Both directions are over: last. */
  | { readonly kind: 'over' };

export interface EndsStep {
  readonly state: Ends;
  readonly effects: readonly EndsEffect[];
}

export const endsStart: Ends = { out: 'open', in: 'open', received: 0, total: undefined };

/** One step of an end of a stream: pure. */
export function endsStep(state: Ends, event: EndsEvent): EndsStep {
  const { state: next, effects } = step(state, event);
  const isOver = next.out === 'over' && next.in === 'over';
  const wasOver = state.out === 'over' && state.in === 'over';
  return { state: next, effects: isOver && !wasOver ? [...effects, { kind: 'over' }] : effects };
}

function step(state: Ends, event: EndsEvent): EndsStep {
  switch (event.kind) {
    case 'close':
      if (state.out !== 'open') return same(state);
      return { state: { ...state, out: 'ended' }, effects: [{ kind: 'say', control: { kind: 'end', total: event.total } }] };
    case 'abort':
      if (state.out === 'over') return same(state);
      return { state: { ...state, out: 'over' }, effects: [{ kind: 'say', control: { kind: 'abort', reason: event.reason } }] };
    case 'cancel':
      if (state.in === 'over') return same(state);
      return { state: { ...state, in: 'over' }, effects: [{ kind: 'say', control: { kind: 'cancel', reason: event.reason } }] };
    case 'die': {
      // what was all written goes on to arrive
      const failed = giveUp(state, { kind: 'died', reason: event.reason }, state.out === 'open', true);
      return { ...failed, effects: [...failed.effects, { kind: 'say', control: { kind: 'died', reason: event.reason } }] };
    }
    case 'fail': {
      const { reason, error } = event;
      const said: EndsEffect[] = [];
      if (state.out !== 'over') said.push({ kind: 'say', control: { kind: 'abort', reason } });
      if (state.in !== 'over') said.push({ kind: 'say', control: { kind: 'cancel', reason } });
      const failed = giveUp(state, { kind: 'failed', error }, true, true);
      return { ...failed, effects: [...failed.effects, ...said] };
    }
    case 'arrived':
      return finishReading({ ...state, received: state.received + event.octets });
    case 'told':
      return onControl(state, event.control);
  }
}

function onControl(state: Ends, control: Control): EndsStep {
  switch (control.kind) {
    case 'end':
      return finishReading({ ...state, total: control.total });
    case 'done':
      if (state.out !== 'ended') return same(state);
      return { state: { ...state, out: 'over' }, effects: [{ kind: 'written' }] };
    case 'abort':
      return giveUp(state, { kind: 'aborted', reason: control.reason }, false, true);
    case 'cancel':
      return giveUp(state, { kind: 'aborted', reason: control.reason }, true, false);
    case 'died':
      return giveUp(state, { kind: 'died', reason: control.reason }, true, state.total === undefined);
    case 'dial':
    case 'wait':
    case 'over':
      return same(state);
  }
}

function finishReading(state: Ends): EndsStep {
  if (state.in === 'over' || state.received !== state.total) return same(state);
  return { state: { ...state, in: 'over' }, effects: [{ kind: 'read' }, { kind: 'say', control: { kind: 'done' } }] };
}

/** Ends what is not over, of the directions that are meant. */
function giveUp(state: Ends, cause: Cause, writing: boolean, reading: boolean): EndsStep {
  const isWriting = writing && state.out !== 'over';
  const isReading = reading && state.in !== 'over';
  const effects: EndsEffect[] = [];
  if (isWriting) effects.push({ kind: 'fail writing', cause });
  if (isReading) effects.push({ kind: 'fail reading', cause });
  return { state: { ...state, out: isWriting ? 'over' : state.out, in: isReading ? 'over' : state.in }, effects };
}

const same = (state: Ends): EndsStep => ({ state, effects: [] });
