import type { Env } from '../env/env.js';
import { portError, StreamAborted } from '../kernel/errors.js';
import { transportError, type Reason } from '../kernel/core/message.js';
import type { Duplex } from '../transport/duplex.js';
import { cborFraming } from '../wire/cbor.js';
import { RxmpError } from '../wire/errors.js';
import { nodeOf } from '../wire/portid.js';
import { octets, valuesCodec, type Codec } from './codec.js';
import { controlOf, elementsOf, type Control } from './core/control.js';
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
  /** The other end has said who makes the connection. */
  agreed?(addresses: readonly string[] | undefined): void;
  /** Both ends are over: nothing of it is left. */
  over(): void;
}

/** One end of a stream. */
export interface StreamEnd {
  readonly stream: PortStream<never>;
  /** What the two ends say to each other goes here from now on. */
  control(duplex: Duplex): void;
  say(control: Control): void;
  /** What is written goes here from now on. */
  attach(duplex: Duplex, early: Uint8Array, way: StreamWay): void;
  /** The port of this end is dead. */
  die(reason: Reason): void;
  /** It can't go on; the other end is told. */
  fail(error: Error): void;
  /** There is no other end, or not any more. */
  lose(error: Error): void;
}

/** An end of a stream whose ends talk: what is written has a connection, and what is said beside it another one. */
export function createStreamEnd({ env, other, values, signal, ...context }: EndContext): StreamEnd {
  const { clock, limits } = env;
  let state = endsStart;
  let talk: Duplex | undefined;
  let data: Duplex | undefined;
  /** What was said before there was somebody to say it to. */
  let unsaid: Control[] = [];
  let isOver = false;
  /** The other end is over, too. */
  let areBothOver = false;
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
    else talk.write(cborFraming.encode('', elementsOf(control)));
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
    if (!isOver || !areBothOver) return;
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

  const lost = (error: Error | undefined): Error =>
    portError(other, transportError(nodeOf(other), error?.message ?? 'the connection of the stream has ended'));

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
    deaf() { if (state.out === 'open') broken(lost(undefined)); },
    ended(error) { if (state.in === 'open') broken(lost(error)); },
    garbled: broken,
  });

  const heard = (message: readonly unknown[]): void => {
    const control = controlOf(message);
    if (control.kind === 'dial') context.agreed?.(control.addresses);
    else if (control.kind === 'wait') context.agreed?.(undefined);
    else if (control.kind !== 'over') step({ kind: 'told', control });
    else {
      areBothOver = true;
      closeIfBothAreOver();
    }
  };

  const listen = (duplex: Duplex): void => {
    const decoder = cborFraming.decoder(limits);
    const encoder = new TextEncoder();
    duplex.incoming$.subscribe({
      next(chunk) {
        try {
          decoder.push(typeof chunk === 'string' ? encoder.encode(chunk) : chunk, (_, message) => { heard(message); });
        } catch (error) {
          if (!(error instanceof RxmpError)) throw error;
          broken(error);
        }
      },
      error: (error: unknown) => { lose(lost(error instanceof Error ? error : new Error(String(error)))); },
      complete: () => { lose(lost(undefined)); },
    });
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
    control(duplex) {
      talk = duplex;
      for (const control of unsaid) say(control);
      unsaid = [];
      listen(duplex);
    },
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
  };
}
