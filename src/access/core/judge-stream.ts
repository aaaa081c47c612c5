import { STREAM, STREAM_DATA } from '../../channel/core/purposes.js';
import { ProtocolError } from '../../wire/errors.js';
import { makePortId } from '../../wire/portid.js';
import { kindOf } from '../../wire/message.js';
import { shown } from '../../wire/printable.js';
import type { Holder } from './holder.js';
import type { Refused } from './judge.js';
import type { Right } from './rights.js';

/** Why a guest does not get a channel to a node; undefined: it does. */
export function judgeStream(holder: Holder, node: string, [what, portName, , , , ...args]: readonly unknown[]): Refused | undefined {
  // somebody has to expect it
  if (what === STREAM_DATA) return undefined;
  if (what !== STREAM) return no(`a channel for ${typeof what === 'string' ? shown(what) : kindOf(what)}`);
  if (typeof portName !== 'string') throw new ProtocolError(`a stream is for a port, got ${kindOf(portName)}`);
  const [name] = args;
  const port = makePortId(node, portName);
  if (portName !== '' && !holder.maySend(port)) return no(`a stream to ${shown(port)}`, { kind: 'send', port });
  if (portName === '' && (typeof name !== 'string' || !holder.mayRun(name, node))) {
    return no(`a stream to ${shown(node)}`, typeof name === 'string' ? { kind: 'spawn', name, node } : undefined);
  }
  const secret = holder.secretIn(args);
  return secret === undefined ? undefined : no(`a stream to ${shown(port)}: it names ${shown(secret)}, of which this guest was not told`);
}

const no = (what: string, right?: Right): Refused => ({ kind: 'refused', what, right, answer: undefined });
