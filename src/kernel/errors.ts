import { RxmpError } from '../wire/errors.js';
import { printable, shown } from '../wire/printable.js';
import { describeReason, type Reason } from './core/message.js';

/**
 * A port died abnormally, or does not exist: the error of its streams, and of calls to it. One that no subscriber
 * handles is logged by the node and never thrown, so that no peer can end the process (S15).
 */
export class PortDied extends RxmpError {
  readonly code: string = 'PORT_DIED';
  override get name(): string { return 'PortDied'; }
  /** The id of the port. */
  readonly port: string;
  /** Why it died. */
  readonly reason: Reason;
  constructor(port: string, reason: Reason) {
    super(`port ${port} died: ${describeReason(reason)}`);
    this.port = port;
    this.reason = reason;
  }
}

/** A port could not be spawned: its node has no init function of that name. */
export class SpawnRefused extends PortDied {
  override readonly code = 'SPAWN_REFUSED';
  override get name(): string { return 'SpawnRefused'; }
}

/** A call, or a mailbox, waited in vain. */
export class CallTimeout extends RxmpError {
  readonly code = 'CALL_TIMEOUT';
  override get name(): string { return 'CallTimeout'; }
  /** The id of the port that did not answer in time. */
  readonly port: string;
  constructor(port: string, ms: number) {
    super(`no message from ${port} within ${ms} ms`);
    this.port = port;
  }
}

/** The other end of a stream has given it up, by `abort`, `cancel` or a signal, with this reason (V14). */
export class StreamAborted extends RxmpError {
  readonly code = 'STREAM_ABORTED';
  override get name(): string { return 'StreamAborted'; }
  /** The id of the other end: a port, or a node. */
  readonly port: string;
  /** What was given: `['die', message]` for an error, empty for nothing. */
  readonly reason: Reason;
  constructor(port: string, reason: Reason) {
    super(`${port} has given up the stream: ${reason.length === 0 ? 'no reason given' : describeReason(reason)}`);
    this.port = port;
    this.reason = reason;
  }
}

/** A stream could not be opened: nobody takes streams there (V14). */
export class StreamRefused extends RxmpError {
  readonly code = 'STREAM_REFUSED';
  override get name(): string { return 'StreamRefused'; }
  /** The id of the port. */
  readonly port: string;
  constructor(port: string, why: string) {
    super(`no stream to ${port}: ${why}`);
    this.port = port;
  }
}

/** The node was closed: nothing can be asked of it any more, and what it waited for does not come (S35). */
export class NodeClosed extends RxmpError {
  readonly code = 'NODE_CLOSED';
  override get name(): string { return 'NodeClosed'; }
  /** The id of the node that was closed. */
  readonly node: string;
  constructor(node: string) {
    super(`the node ${node} is closed`);
    this.node = node;
  }
}

/** More values of a stream than a loop may leave waiting: see `iterate`. */
export class BufferOverflow extends RxmpError {
  readonly code = 'BUFFER_OVERFLOW';
  override get name(): string { return 'BufferOverflow'; }
  /** How many values could wait. */
  readonly buffer: number;
  constructor(buffer: number) {
    super(`the stream is faster than the loop that takes its values: ${buffer} wait already (option buffer of iterate); the stream was unsubscribed from`);
    this.buffer = buffer;
  }
}

/** Something that only works on ports of this node was tried on a port of another one. */
export class NotLocal extends RxmpError {
  readonly code = 'NOT_LOCAL';
  override get name(): string { return 'NotLocal'; }
}

/** A guest may not do that; the gate has refused it (G1). */
export class Forbidden extends RxmpError {
  readonly code = 'FORBIDDEN';
  override get name(): string { return 'Forbidden'; }
  /** What was refused, for people. */
  readonly what: string;
  /** The right that it would have taken, as the code that makes it: `send("gate#lobby")`. Undefined: there is none for that. */
  readonly right: string | undefined;
  constructor(what: string, right?: string) {
    super(`forbidden: ${what}${right === undefined ? '' : `: that takes ${right}`}`);
    this.what = what;
    this.right = right;
  }
}

/** The error that a death means to those who wait for the port. */
export function portError(port: string, reason: Reason): PortDied | Forbidden {
  if (reason[0] === 'forbidden') return forbidden(port, reason);
  return reason[0] === 'spawn_refused' ? new SpawnRefused(port, reason) : new PortDied(port, reason);
}

/** The reason may say what was forbidden, and which right it would have taken. */
function forbidden(port: string, [, , what, right]: Reason): Forbidden {
  if (typeof what !== 'string') return new Forbidden(`to use ${shown(port)}`, `send(${shown(port)})`);
  return new Forbidden(printable(what), typeof right === 'string' ? printable(right) : undefined);
}
