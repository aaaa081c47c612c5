import { describeReason, RxmpError, type Reason } from '../src/api.js';

/** A supervised port died more often than its supervisor allows. */
export class TooManyRestarts extends RxmpError {
  readonly code = 'TOO_MANY_RESTARTS';
  override get name(): string { return 'TooManyRestarts'; }
  /** The id of the port that died last. */
  readonly port: string;
  /** Why it died. */
  readonly reason: Reason;

  constructor(port: string, init: string, reason: Reason, { restarts, within }: { restarts: number; within: number }) {
    super(
      `gave up on "${init}": it was restarted ${restarts} times within ${within} ms and died again, ` +
        `now as ${port}: ${describeReason(reason)}`,
    );
    this.port = port;
    this.reason = reason;
  }
}
