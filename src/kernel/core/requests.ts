import type { Env } from '../../env/env.js';
import { ProtocolError } from '../../wire/errors.js';
import { decodeRequest, type Request } from '../../wire/requests.js';
import { toReason, type AnyMessage, type Reason } from './message.js';
import type { Correspondent } from './peers.js';
import type { Ports } from './ports.js';
import { sendWithReason } from './tell.js';

/** What node-port requests (wire.md §2) do to the node. */
export interface RequestContext {
  readonly env: Env;
  readonly ports: Ports;
  idOf(portName: string): string;
  snd(port: string, message: AnyMessage): boolean;
  spawned(portName: string, init: string, data: AnyMessage): void;
  call(name: string, args: AnyMessage): void;
  /** A port of the sender, which we monitor, died. */
  died(from: Correspondent, portName: string, reason: Reason): void;
  knows(name: string): boolean;
}

/** The requests that AnyEvent::MP's `can` answers yes to here. */
const KNOWN = new Set(['mon0', 'mon1', 'kil0', 'kil1', 'snd', 'can', 'time', 'devnull', 'AnyEvent::MP::_spawn']);
const EVAL_REFUSED = 'eval is refused here';

/** Carries out one message to the node port. Throws {@link ProtocolError} when it has the wrong shape. */
export function handleRequest(context: RequestContext, from: Correspondent, message: AnyMessage): void {
  const request = decodeRequest(message);
  switch (request.kind) {
    case 'mon1':
      watch(context, from, request.port);
      break;
    case 'mon0':
      from.watching.get(request.port)?.();
      from.watching.delete(request.port);
      break;
    case 'kil0':
      context.died(from, request.port, toReason(request.reason));
      break;
    case 'kil1': {
      const port = context.ports.records.get(context.idOf(request.port));
      if (port !== undefined && request.port !== '') context.ports.kill(port, toReason(request.reason));
      break;
    }
    case 'spawn':
      context.spawned(request.port, request.init, request.data);
      break;
    case 'snd':
      context.snd(request.to, request.message);
      break;
    case 'can':
      reply(context, request.reply, [KNOWN.has(request.tag) || context.knows(request.tag)]);
      break;
    case 'time':
      reply(context, request.reply, [context.env.clock.now() / 1000]);
      break;
    case 'eval':
      context.env.log.warn({ node: from.node }, `refused to eval code from ${from.node}`);
      reply(context, request.reply, [EVAL_REFUSED]);
      break;
    case 'call':
      context.call(request.name, request.args);
      break;
    case 'other':
      context.env.log.debug({ node: from.node, tag: request.tag }, 'ignored an unknown request');
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
  const stop = ports.monitor(idOf(portName), {
    fire(reason) {
      from.watching.delete(portName);
      sendWithReason((message) => from.send('', message), ['kil0', portName], reason);
    },
  });
  from.watching.set(portName, stop);
}

/** A reply is a message without its end: the port, then what it expects first. */
function reply({ snd }: RequestContext, [port, ...rest]: Extract<Request, { kind: 'can' }>['reply'], result: AnyMessage): void {
  if (typeof port === 'string') snd(port, [...rest, ...result]);
}
