import type { Link, LinkSink } from '../../transport/link.js';
import type { Intake } from './intake.js';

/** What passes on a guest's own connection, both ways. */
export interface Passage {
  /** The gate's node is about to read it; what `message` gets goes to the node. The result takes what the guest says. */
  opened(sink: Pick<LinkSink, 'message' | 'takeIn'>): Intake;
  /** A message of the gate's node for the guest; false: it does not get it. */
  toGuest(portName: string, message: readonly unknown[]): boolean;
  /** The gate's node reads no further, or again. */
  wait(is: boolean): void;
}

/** The connection of a guest as the gate's node sees it: it looks like any other, and nothing passes it that was not judged (G2). */
export function guardLink(link: Link, { opened, toGuest, wait }: Passage): Link {
  // what it does not have itself is the link's
  return Object.assign(Object.create(link) as Link, {
    open({ takeIn, closed, message }: LinkSink) {
      const intake = opened({ takeIn, message });
      link.open({
        takeIn,
        message: intake.push,
        closed(reason) {
          intake.finish();
          closed(reason);
        },
      });
    },
    send: (portName: string, message: readonly unknown[]) => !toGuest(portName, message) || link.send(portName, message),
    pause: () => { wait(true); },
    resume: () => { wait(false); },
  } satisfies Partial<Link>);
}
