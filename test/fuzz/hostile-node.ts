import type { MpNode, NodeOptions } from '../../src/index.js';
import type { Link } from '../../src/transport/link.js';
import { createWorld, type RecordedLog } from '../../marbles/world.js';
import { puppet } from '../unit/network/puppet.js';

export type Message = readonly unknown[];

export interface HostileNode {
  readonly node: MpNode & { readonly log: RecordedLog };
  /**
   * Sends the node a message from an authenticated peer, on a new connection if the last one has ended. Returns whether the
   * connection is still there. Throws when it ended otherwise than with one line in the log, or if another one did.
   */
  send(message: Message): boolean;
}

/** Virtual time that the node has for each message, ms. */
const STEP = 1;
/** The witness is asked for an answer so often, in messages. */
const WITNESS = 500;
const ENDED = /^(warn|info) connection with evil ended: /;

/** A node with a peer that sends it anything, and another one, the witness, that must not notice. */
export async function hostileNode(options: NodeOptions): Promise<HostileNode> {
  const world = createWorld();
  const { clock, network } = world;
  const node = await world.start('node', options);
  const connect = (id: string): { readonly link: Link; readonly got: unknown[][] } => {
    let link: Link | undefined;
    puppet(world, network.transport(id), 'memory://node', { id, framings: ['cbor'] }).subscribe((made) => { link = made; });
    clock.runFor(0);
    if (link === undefined) throw new Error(`${id} could not connect: ${node.log.lines.at(-1) ?? ''}`);
    const got: unknown[][] = [];
    link.open({ message: (port, message) => { answer(link as Link, got, port, message); }, takeIn: (decode) => { decode(); }, closed: () => undefined });
    return { link, got };
  };
  // answers echo requests, as a node does, or it would be taken for dead
  const answer = (link: Link, got: unknown[][], port: string, [tag, to, ...rest]: Message): void => {
    if (port !== '' || tag !== 'snd' || typeof to !== 'string') {
      if (port === 'echo') got.push([tag, to, ...rest]);
    } else if (to === 'node') link.send('', rest);
  };
  const witness = connect('witness');
  let evil = connect('evil');
  let closed = false;
  evil.link.closed$.subscribe(() => { closed = true; });
  let sent = 0;

  const askWitness = (): void => {
    const question = `question ${sent}`;
    witness.link.send('', ['snd', 'witness#echo', question]);
    clock.runFor(STEP);
    if (witness.got.pop()?.[0] !== question) throw new Error('the witness has no answer from the node');
    witness.got.length = 0;
  };

  return {
    node,
    send(message) {
      if (closed) {
        evil = connect('evil');
        closed = false;
        evil.link.closed$.subscribe(() => { closed = true; });
        clock.runFor(0);
      }
      const { lines } = node.log;
      lines.length = 0;
      const [port, ...rest] = message;
      evil.link.send(typeof port === 'string' ? port : '', rest);
      clock.runFor(STEP);
      const ends = lines.filter((line) => ENDED.test(line));
      if (ends.length !== (closed ? 1 : 0)) throw new Error(`the connection ${closed ? 'ended' : 'lives'}, with ${ends.length} reasons: ${ends.join('; ')}`);
      const others = lines.filter((line) => line.includes(' ended: ') && !ENDED.test(line));
      if (others.length > 0) throw new Error(others.join('; '));
      if (++sent % WITNESS === 0) askWitness();
      return !closed;
    },
  };
}
