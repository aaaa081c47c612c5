import { AsyncSubject, BehaviorSubject, type Observable } from 'rxjs';
import type { Cancel } from '../env/clock.js';
import type { Env } from '../env/env.js';
import { deadline } from '../env/time.js';
import { RxmpError } from '../wire/errors.js';
import { framings, type Deliver, type Encoded, type Framing } from '../wire/framing.js';
import { resuming } from '../wire/resuming.js';
import type { Duplex } from './duplex.js';
import { sayGoodbye } from './goodbye.js';
import { createKept } from './kept.js';
import type { Established, Link, LinkEnd, LinkSink, LinkStatus } from './link-types.js';
import { createOutbox, type Writer } from './outbox.js';
import { createReader } from './reader.js';
import { keptSize, type Resumption } from './resumption.js';
import { createSession } from './session.js';

export type * from './link-types.js';

/** The text that AnyEvent::MP gives for a connection that the other end closed. */
export const END_OF_FILE = 'Unexpected end-of-file';
const CLOSED_HERE = 'closed here';
const UP: LinkStatus = { status: 'up' };

/** Takes over a connection whose handshake is done. `accepted`: the limits of messages that come; `atOnce`: octets of them that are taken in one turn. */
export function createLink({ duplex: first, early, agreement, initiator }: Established, env: Pick<Env, 'clock' | 'limits'>, accepted = env.limits, atOnce?: number): Link {
  const { clock, limits } = env;
  const { resumption } = agreement;
  const { framing, way: sending } = wayOf(first, agreement.sendFraming);
  const { framing: receiving, way: { incoming$ } } = wayOf(first, agreement.receiveFraming);
  if (framing === undefined || receiving === undefined) {
    throw new TypeError(`no framing "${agreement.sendFraming}" or "${agreement.receiveFraming}"`);
  }
  /** The connection; the last one, while there is none. */
  let duplex = first;
  let sink: LinkSink | undefined;
  let ended: string | undefined;
  /** The sink knows that the link has ended. */
  let told = false;
  let cancelDeath: Cancel = () => undefined;
  const writable$ = new BehaviorSubject(true);
  const status$ = new BehaviorSubject<LinkStatus>(UP);
  const closed$ = new AsyncSubject<LinkEnd>();
  const left$ = new AsyncSubject<number>();

  const end = (reason: string, error?: Error): void => {
    if (!stop(reason)) return;
    duplex.close(error);
    left$.complete();
    tellAll(reason, error !== undefined);
  };
  const stop = (reason: string): boolean => {
    if (ended !== undefined) return false;
    ended = reason;
    reader.detach();
    cancelDeath();
    return true;
  };
  const tellAll = (reason: string, fault: boolean): void => {
    tellEnd();
    writable$.complete();
    status$.complete();
    closed$.next({ reason, fault });
    closed$.complete();
  };
  const tellEnd = (): void => {
    if (sink === undefined || ended === undefined || told) return;
    told = true;
    sink.closed(ended);
  };
  const isSuspended = (): boolean => status$.value !== UP;

  /** The connection is gone; an error of this end is one of the link too, where there can't be another connection. */
  const broke = (reason: string, error?: Error): void => {
    if (ended !== undefined || isSuspended()) return;
    if (resumption === undefined || session?.isOver === true) {
      end(reason, error);
      return;
    }
    reader.detach();
    outbox.detach();
    duplex.close(new Error(reason));
    suspend(reason, resumption);
  };
  const suspend = (reason: string, { time }: Resumption): void => {
    cancelDeath = deadline(clock, time, () => { end(`${reason}, and no other connection within ${time} ms`); });
    const since = clock.monotonic();
    status$.next({ status: 'suspended', reason, since, until: since + time, nextTry: undefined });
  };

  const kept = resumption && createKept(keptSize(limits));
  const outbox = createOutbox(sending, framing, env, {
    flushed() {
      if (!writable$.value) writable$.next(true);
    },
    overflow(queued) {
      end(`the send queue is too long: ${queued} octets wait, limits.queueSize is ${limits.queueSize}`, new Error('queue'));
    },
  }, kept);
  const session = resumption && createSession(resumption.window, { acknowledged: outbox.acknowledged });

  const deliver: Deliver = (port, message) => {
    // nothing comes after the end, and a message without a port name is a keep-alive
    if (!told && typeof port === 'string') sink?.message(port, message);
  };
  const push = (tag: string, ...args: readonly unknown[]): void => { outbox.push('', [tag, ...args]); };
  const tellTaken = (count: number | undefined): boolean => {
    if (count === undefined || ended !== undefined) return false;
    push(resuming.TAKEN, count);
    return true;
  };

  const reader = createReader(clock, {
    message: session === undefined ? deliver : (port, message) => {
      if (session.takes(port, message)) deliver(port, message);
    },
    read: session === undefined ? () => undefined : (octets) => { tellTaken(session.read(octets)); },
    bad: (error) => { end(error.message, error); },
    ended(error) {
      if (error === undefined && duplex.endsNode === true) end(END_OF_FILE);
      else broke(error?.message ?? END_OF_FILE);
    },
    drained: outbox.drained,
  }, atOnce);
  reader.attach(first, early, incoming$, receiving.decoder(accepted));

  return {
    ...agreement,
    node: agreement.peer.node,
    initiator,
    get remoteAddress() {
      return duplex.remoteAddress;
    },
    open(opened) {
      sink = opened;
      if (ended === undefined) reader.start(opened.takeIn);
      else tellEnd();
    },
    pause: reader.pause,
    resume: reader.resume,
    get isRead() {
      return reader.isRead;
    },
    send(portName, message) {
      if (ended !== undefined) return false;
      const below = outbox.push(portName, message);
      if (!below && writable$.value) writable$.next(false);
      return below;
    },
    flush() {
      if (ended === undefined) outbox.flush();
    },
    get signs() {
      return reader.signs;
    },
    get sent() {
      return outbox.pushed;
    },
    writable$: writable$.asObservable(),
    get status() {
      return status$.value;
    },
    status$: status$.asObservable(),
    closed$: closed$.asObservable(),
    leave(within) {
      if (!stop(CLOSED_HERE)) return;
      if (isSuspended()) {
        left$.next(outbox.queued + (kept?.octets ?? 0));
        left$.complete();
      } else {
        if (session !== undefined) push(resuming.GOODBYE);
        sayGoodbye({
          ...{ duplex, outbox, clock, within },
          done(unsent) {
            left$.next(unsent);
            left$.complete();
          },
        });
      }
      tellAll(CLOSED_HERE, false);
    },
    leaveNow() {
      if (!stop(CLOSED_HERE)) return;
      if (!isSuspended()) {
        if (session !== undefined) push(resuming.GOODBYE);
        outbox.finish();
      }
      duplex.close();
      left$.complete();
      tellAll(CLOSED_HERE, false);
    },
    left$: left$.asObservable(),
    close(reason) {
      end(reason, new Error(reason));
    },
    interrupt(reason) {
      broke(reason, new Error(reason));
    },
    get taken() {
      return session?.taken ?? 0;
    },
    acknowledge: () => tellTaken(session?.acknowledge()),
    retryAt(nextTry) {
      if (status$.value.status === 'suspended') status$.next({ ...status$.value, nextTry });
    },
    resumeOver({ duplex: next, early: begun, agreement: { sendFraming, receiveFraming } }, taken) {
      if (ended !== undefined || session === undefined) return false;
      if (sendFraming !== framing.name || receiveFraming !== receiving.name) {
        end(`the framing is "${receiveFraming}" now, and it was "${receiving.name}"`, new Error('framing'));
        return false;
      }
      broke('replaced by a new connection');
      cancelDeath();
      duplex = next;
      session.again();
      status$.next(UP);
      try {
        outbox.attach(next, taken);
      } catch (error) {
        if (!(error instanceof RxmpError)) throw error;
        end(error.message, error);
      }
      if (ended === undefined) reader.attach(next, begun, next.incoming$, receiving.decoder(accepted));
      return ended === undefined;
    },
  };
}

/** What carries the messages of a framing: the connection, or its way for values. */
interface Way {
  readonly framing: Framing<Encoded> | undefined;
  readonly way: Writer & { readonly incoming$: Observable<Encoded> };
}

function wayOf(duplex: Duplex, name: string): Way {
  const { values } = duplex;
  return values?.framing.name === name ? { framing: values.framing, way: values } : { framing: framings.get(name), way: duplex };
}
