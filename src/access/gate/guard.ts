import type { Link, LinkSink } from '../../transport/link.js';

/** What passes on a guest's own connection, both ways. */
export interface Passage {
  /** The gate's node is about to read it; what `message` gets goes to the node. */
  opened(message: LinkSink['message']): void;
  /** A message of the guest. */
  fromGuest(portName: string, message: readonly unknown[]): void;
  /** A message of the gate's node for the guest; false: it does not get it. */
  toGuest(portName: string, message: readonly unknown[]): boolean;
  /** The gate's node reads no further, or again. */
  wait(is: boolean): void;
}

/** The connection of a guest as the gate's node sees it: it looks like any other, and nothing passes it that was not judged (G2). */
export function guardLink(link: Link, { opened, fromGuest, toGuest, wait }: Passage): Link {
  // what it does not have itself is the link's
  return Object.assign(Object.create(link) as Link, {
    open({ takeIn, closed, message }: LinkSink) {
      opened(message);
      link.open({ takeIn, closed, message: fromGuest });
    },
    send: (portName: string, message: readonly unknown[]) => !toGuest(portName, message) || link.send(portName, message),
    pause: () => { wait(true); },
    resume: () => { wait(false); },
  } satisfies Partial<Link>);
}
