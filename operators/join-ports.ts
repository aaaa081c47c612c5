import type { OperatorFunction } from 'rxjs';
import { signalOf, untilAborted, type FamilyChange, type MpNode } from '../src/api.js';
import { mergeMapKeys } from './merge-map-keys.js';
import { whileUp, type JoinedValue, type WhileUpOptions } from './while-up.js';

/**
 * Joins every port that is in a family, for as long as it lives: rooms, topics, services. Runs `join` when a port is there, and again each time
 * after its node, or the way to it, was lost and is back (V12a): each port as {@link whileUp} does it.
 *
 * A port that dies, in whatever way, is joined no more, and the others are: so when a server is started again, its new port is joined, since it is
 * in the family. Completes when the source and all ports have; errors as the source does, or with what `join` fails with.
 *
 * @param join Gets the id of the port. What it may give: see {@link whileUp}.
 *
 * @example
 * ```ts
 * import { createNode } from 'rxmp';
 * import { joinPorts } from 'rxmp/operators';
 * import { firstValueFrom } from 'rxjs';
 *
 * const node = await createNode();
 * node.dbReg('rooms', node.port((_tag, who: string, member: string) => node.snd(member, 'text', `hello ${who}`)));
 *
 * // on any node: in all rooms, whatever becomes of the connection, and of the servers
 * const me = node.port();
 * const greeting = firstValueFrom(node.rcv(me, 'text'));
 * node
 *   .dbMon('rooms')
 *   .pipe(joinPorts(node, (room) => void node.snd(room, 'join', 'ann', me.id)))
 *   .subscribe();
 * console.log(await greeting); // [ 'hello ann' ]
 * await node.close();
 * ```
 */
export function joinPorts<J>(node: MpNode, join: (port: string) => J, options: Omit<WhileUpOptions, 'onDeath'> = {}): OperatorFunction<FamilyChange, JoinedValue<J>> {
  const { signal: _, ...each } = options;
  const signal = signalOf(options);
  return (changes$) => changes$.pipe(mergeMapKeys((port) => whileUp(node, port, join, { ...each, onDeath: 'complete' })), untilAborted(signal));
}
