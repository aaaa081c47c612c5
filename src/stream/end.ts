import type { Env } from '../env/env.js';
import { portError, StreamAborted } from '../kernel/errors.js';
import { transportError, type Reason } from '../kernel/core/message.js';
import type { Duplex } from '../transport/duplex.js';
import { nodeOf } from '../wire/portid.js';
import { octets, valuesCodec, type Codec } from './codec.js';
import type { Control } from './core/control.js';
import { endsStart, endsStep, type Cause, type EndsEvent } from './core/ends.js';
import { reasonOf } from './core/reason.js';
import { createPair } from './pair.js';
import type { PortStream, StreamWay } from './types.js';

export interface EndContext {
  readonly env: Env;
  /** The id of the other end: a port, or a node. */
  readonly other: string;
  readonly values: boolean;
  readonly signal?: AbortSignal | undefined;
  /** The connection of the stream is all that there is: its end is the end of what is read, and of what is written. */
  isBare?(): boolean;
  /** The other end has said who makes the connection. */
  agreed?(addresses: readonly string[] | undefined): void;
  /** Both ends are over: nothing of it is left. */
  over(): void;
}

/** The way to the other end, beside what is written. */
export interface Talk {
  say(control: Control): void;
  close(): void;
}

/** One end of a stream. */
export interface StreamEnd {
  readonly stream: PortStream<never>;
  /** What this end says goes here from now on. */
  talk(to: Talk): void;
  say(control: Control): void;
  /** The other end has said this. */
  hear(control: Control): void;
  /** What is written goes here from now on. */
  attach(duplex: Duplex, early: Uint8Array, way: StreamWay): void;
  /** The port of this end is dead. */
  die(reason: Reason): void;
  /** It can't go on; the other end is told. */
  fail(error: Error): void;
  /** There is no other end, or not any more. */
  lose(error: Error): void;
  /** The same, since the connection to it was lost; in words. */
  lost(text: string): void;
}

/** An end of a stream whose ends talk: what is written has a connection, and what is said beside it another one. */
export function createStreamEnd({ env, other, values, signal, isBare = () => false, ...context }: EndContext): StreamEnd {
  const { clock, limits } = env;
  let state = endsStart;
  let talk: Talk | undefined;
  let data: Duplex | undefined;
  /** What was said before there was somebody to say it to. */
  let unsaid: Control[] = [];
  let isOver = false;
  /** The other end is over, too. */
  let areBothOver = false;
  let isClosed = false;
  let accept!: (way: StreamWay) => void;
  let refuse!: (error: unknown) => void;
  const opened = new Promise<StreamWay>((resolve, reject) => {
    accept = resolve;
    refuse = reject;
  });
  // who looks at it later still gets the rejection; until then it must not end the process (S15)
  opened.catch(() => undefined);

  const say = (control: Control): void => {
    if (talk === undefined) unsaid.push(control);
    else talk.say(control);
  };

  const step = (event: EndsEvent): void => {
    const next = endsStep(state, event);
    state = next.state;
    for (const effect of next.effects) {
      switch (effect.kind) {
        case 'say':
          say(effect.control);
          break;
        case 'written':
          pair.finishWriting();
          break;
        case 'read':
          pair.finishReading();
          break;
        case 'fail writing':
          failWriting(errorOf(effect.cause));
          break;
        case 'fail reading':
          pair.failReading(errorOf(effect.cause));
          break;
        case 'over':
          over();
          break;
      }
    }
  };

  const failWriting = (error: unknown): void => {
    refuse(error);
    pair.failWriting(error);
  };

  const errorOf = (cause: Cause): unknown => {
    if (cause.kind === 'failed') return cause.error;
    return cause.kind === 'died' ? portError(other, cause.reason) : new StreamAborted(other, cause.reason);
  };

  const over = (): void => {
    isOver = true;
    signal?.removeEventListener('abort', aborted);
    say({ kind: 'over' });
    closeIfBothAreOver();
  };

  /** Not before: what was said would come after the end of the connection, which is a different one. */
  const closeIfBothAreOver = (): void => {
    if (!isOver || !areBothOver || isClosed) return;
    isClosed = true;
    talk?.close();
    data?.close();
    // nothing was ever written, and all that was said went through the connection of the nodes
    accept('channel');
    context.over();
  };

  const aborted = (): void => {
    const error: unknown = signal?.reason;
    step({ kind: 'fail', error, reason: reasonOf(error) });
  };

  const broken = (error: Error): void => {
    step({ kind: 'fail', error, reason: reasonOf(error) });
  };

  const lost = (text = 'the connection of the stream has ended'): Error => portError(other, transportError(nodeOf(other), text));

  // what is made here takes either, and its user knows which
  const codec = (values ? valuesCodec(limits) : octets) as Codec<never>;
  const pair = createPair(clock, codec, {
    written(total) { step({ kind: 'close', total }); },
    aborted(reason) {
      refuse(reason);
      step({ kind: 'abort', reason: reasonOf(reason) });
    },
    cancelled(reason) { step({ kind: 'cancel', reason: reasonOf(reason) }); },
    arrived(count) { step({ kind: 'arrived', octets: count }); },
    // what was all written may still arrive
    deaf() {
      if (state.out !== 'open') return;
      if (isBare()) step({ kind: 'told', control: { kind: 'cancel', reason: [] } });
      else broken(lost());
    },
    ended(error) {
      if (state.in !== 'open') return;
      if (isBare() && error === undefined) step({ kind: 'told', control: { kind: 'end', total: state.received } });
      else broken(lost(error?.message));
    },
    garbled: broken,
  });

  const hear = (control: Control): void => {
    if (control.kind === 'dial') context.agreed?.(control.addresses);
    else if (control.kind === 'wait') context.agreed?.(undefined);
    else if (control.kind !== 'over') step({ kind: 'told', control });
    else {
      areBothOver = true;
      closeIfBothAreOver();
    }
  };

  const lose = (error: Error): void => {
    if (areBothOver) return;
    areBothOver = true;
    if (isOver) closeIfBothAreOver();
    else broken(error);
  };

  if (signal?.aborted === true) clock.soon(aborted);
  else signal?.addEventListener('abort', aborted);

  return {
    stream: { readable: pair.readable, writable: pair.writable, opened },
    say,
    talk(to) {
      talk = to;
      for (const control of unsaid) to.say(control);
      unsaid = [];
    },
    hear,
    attach(duplex, early, way) {
      data = duplex;
      if (areBothOver) duplex.close();
      accept(way);
      if (isOver) return;
      pair.attach(duplex, early);
    },
    die(reason) { step({ kind: 'die', reason }); },
    fail: broken,
    lose,
    lost(text) { lose(lost(text)); },
  };
}
