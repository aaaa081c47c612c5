import { filter, map, type OperatorFunction } from 'rxjs';
import type { ArgsOf, Message, TagOf } from '../src/api.js';

/**
 * The messages with one tag, without it: what `node.rcv(port, tag)` gives, for a stream of whole messages (S4). Of a
 * union of messages the types of that tag's arguments are known.
 *
 * Messages with other tags are dropped. A port whose whole stream is subscribed to has a default receiver, so they do not
 * kill it (S3); where they should, take `node.rcv(port, tag)`. Errors and completion pass.
 *
 * @param tag The first element of the wanted messages, compared with `===`.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { withTag } from 'rxmp/operators';
 *
 * const node = await createNode();
 * const port = node.port<['say', text: string] | ['stop']>();
 * port.pipe(withTag('say')).subscribe(([text]) => console.log(text));
 *
 * node.snd(port, 'say', 'hello'); // prints "hello"
 * node.snd(port, 'stop'); // prints nothing
 * await node.close();
 * ```
 */
export function withTag<M extends Message, const T extends TagOf<M>>(tag: T): OperatorFunction<M, ArgsOf<M, T>> {
  return (source) =>
    source.pipe(
      filter((message) => message[0] === tag),
      map((message) => message.slice(1) as unknown as ArgsOf<M, T>),
    );
}
