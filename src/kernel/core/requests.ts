import type { Env } from '../../env/env.js';
import { timeOfDay } from '../../env/time-of-day.js';
import { ProtocolError } from '../../wire/errors.js';
import { decodeRequest, request, requestNames, type Request } from '../../wire/requests.js';
import { noSuchPort, toReason, type AnyMessage, type Reason } from './message.js';
import type { Correspondent } from './peer.js';
import type { Ports } from './ports.js';
import { sendWithReason } from './tell.js';

/** What node-port requests (wire.md §2) do to the node. */
export interface RequestContext {
  readonly env: Env;
  readonly ports: Ports;
  idOf(portName: string): string;
  /** Sends for the asking node, in order with the messages that it has sent before. */
  snd(from: Correspondent, port: string, message: AnyMessage): void;
  spawned(from: Correspondent, portName: string, init: string, data: AnyMessage): void;
  call(name: string, args: AnyMessage): void;
  /** A port of the sender, which we monitor, died. */
  died(from: Correspondent, portName: string, reason: Reason): void;
  knows(name: string): boolean;
  /** A request that is for a floor above; false: nobody knows it. */
  other(from: Correspondent, tag: string, args: AnyMessage): boolean;
}

const EVAL_REFUSED = 'eval is refused here';

/** Carries out one message to the node port. Throws {@link ProtocolError} when it has the wrong shape. */
export function handleRequest(context: RequestContext, from: Correspondent, message: AnyMessage): void {
  const asked = decodeRequest(message, context.env.limits);
  switch (asked.kind) {
    case 'mon1':
      watch(context, from, asked.port);
      break;
    case 'mon0':
      from.watching.get(asked.port)?.();
      from.watching.delete(asked.port);
      break;
    case 'kil0':
      context.died(from, asked.port, toReason(asked.reason));
      break;
    case 'kil1': {
      const port = context.ports.records.get(context.idOf(asked.port));
      if (port !== undefined && asked.port !== '') context.ports.kill(port, toReason(asked.reason));
      break;
    }
    case 'spawn':
      context.spawned(from, asked.port, asked.init, asked.data);
      break;
    case 'snd':
      context.snd(from, asked.to, asked.message);
      break;
    case 'can':
      reply(context, from, asked.reply, [requestNames.has(asked.tag) || context.knows(asked.tag)]);
      break;
    case 'time':
      reply(context, from, asked.reply, [timeOfDay(context.env.clock) / 1000]);
      break;
    case 'eval':
      context.env.log.warn({ node: from.node }, `refused to eval code from ${from.node}`);
      reply(context, from, asked.reply, [EVAL_REFUSED]);
      break;
    case 'call':
      context.call(asked.name, asked.args);
      break;
    case 'other':
      if (!context.other(from, asked.tag, asked.args)) {
        context.env.log.debug({ node: from.node, tag: asked.tag }, 'ignored an unknown request');
      }
      break;
    case 'devnull':
    case 'keepalive':
      break;
  }
}

function watch({ env, ports, idOf }: RequestContext, from: Correspondent, portName: string): void {
  if (portName === '' || from.watching.has(portName)) return;
  if (from.watching.size >= env.limits.peerMonitors) {
    throw new ProtocolError(`${from.node} monitors more than ${env.limits.peerMonitors} ports (limits.peerMonitors)`);
  }
  const tell = (reason: Reason): void => { sendWithReason((why) => from.send('', request.kil0(portName, why)), reason); };
  const id = idOf(portName);
  if (!ports.records.has(id)) {
    // at once, so that who asks for something else after it knows with the answer that the port is there
    tell(noSuchPort(id));
    return;
  }
  const stop = ports.monitor(id, {
    fire(reason) {
      from.watching.delete(portName);
      tell(reason);
    },
  });
  from.watching.set(portName, stop);
}

/** A reply is a message without its end: the port, then what it expects first. */
function reply(
  { snd }: RequestContext,
  from: Correspondent,
  [port, ...rest]: Extract<Request, { kind: 'can' }>['reply'],
  result: AnyMessage,
): void {
  if (typeof port === 'string') snd(from, port, [...rest, ...result]);
}
