import { HandshakeFailed, type HandshakeFailure } from '../wire/errors.js';
import { formatAuth, formatGreeting, parseAuth, parseGreeting, type Greeting } from '../wire/greeting.js';
import type { GuestToken } from '../wire/guest-token.js';
import { printable, shown } from '../wire/printable.js';
import type { GreetingLines, Transcript } from '../wire/proof.js';
import type { Agreement, HandshakeConfig, HandshakeEffect, HandshakeEvent, HandshakeState, HandshakeStep, RefusalCode } from './handshake-types.js';
import {
  acceptedMethods,
  announcesTls,
  checkProof,
  chooseMethod,
  list,
  proofLine,
  shownToken,
  TLS_KEY,
  wantsTls,
} from './methods.js';
import { agreeOnResumption, checkResumed, RESUMED_KEY, RESUMES_KEY, resumedKey, resumeKeys, type Resumable } from './resumption.js';

export type * from './handshake-types.js';

/** The protocol of connections that carry messages, and of those that belong to a stream, whose id is in the key (wire.md §5). */
export const PROTOCOL = 'aemp';
export const DATA_PROTOCOL = 'aemp-dataconn';
export const DATA_KEY = 'dataconn_id';

/** The key of a greeting that tells two runs of a node apart; an extension of rxmp. */
export const RUN_KEY = 'run';

const REFUSED = 'refused';
/** The key of a refusal that says why, for people. */
const WHY_KEY = 'why';
/** Letters of a reason. */
const LONGEST_WHY = 500;
const REFUSALS: Readonly<Record<Exclude<RefusalCode, 'guest'>, string>> = {
  duplicate: 'another live node has our node id',
  connected: 'the nodes are connected already',
  forgotten: 'the other end knows nothing of the link any more',
};

/** The two lines that this end sends first, without waiting for the other end (wire.md §1). */
export function greetingLines(config: HandshakeConfig): GreetingLines {
  const line = formatGreeting({
    protocol: config.protocol ?? PROTOCOL,
    version: '1',
    node: config.node,
    auth: acceptedMethods(config),
    framings: config.framings,
    keys: new Map([...(wantsTls(config) ? [[TLS_KEY, '1.0'] as const] : []), ...config.keys, ...resumeKeys(config.resume, config.resumes)]),
  });
  return [line, config.nonce];
}

/** Both ends run the same machine, from this state. */
export const handshakeStart: HandshakeState = { phase: 'greeting' };

/** One step of the handshake: pure, so that every refusal can be tested without a socket. */
export function handshakeStep(config: HandshakeConfig, state: HandshakeState, event: HandshakeEvent): HandshakeStep {
  if (state.phase === 'over') return { state, effects: [] };
  try {
    switch (event.kind) {
      case 'line':
        return onLine(config, state, event.text);
      case 'secured':
        return state.phase === 'securing' ? introduced(state.peer, state.lines, event.binding) : { state, effects: [] };
      case 'admit':
        return onAdmit(config, state);
      case 'refuse':
        return onRefuse(state, event.code, event.text);
    }
  } catch (error) {
    if (!(error instanceof HandshakeFailed)) throw error;
    return fail(error.message, error.failure);
  }
}

function onLine(config: HandshakeConfig, state: HandshakeState, text: string): HandshakeStep {
  switch (state.phase) {
    case 'greeting': {
      const peer = parseGreeting(text);
      // who has opened a connection says what for; the other end has greeted before it knows
      if (peer.protocol !== PROTOCOL && (config.initiator || peer.protocol !== DATA_PROTOCOL)) {
        throw new HandshakeFailed(`unknown protocol "${peer.protocol}": expected "${PROTOCOL}"`, 'version');
      }
      return { state: { phase: 'nonce', peer, line: text }, effects: [] };
    }
    case 'nonce':
      return onNonce(config, state.peer, [state.line, text]);
    case 'securing':
      throw new HandshakeFailed('the other end goes on in clear where TLS has to begin');
    case 'auth':
      return onProof(config, state, text);
    case 'over':
      return { state, effects: [] };
  }
}

function onNonce(config: HandshakeConfig, peer: Greeting, lines: GreetingLines): HandshakeStep {
  const [ownLine, ownNonce] = greetingLines(config);
  if (lines[0] === ownLine && lines[1] === ownNonce) throw new HandshakeFailed('our own greeting was echoed');
  // stricter than AnyEvent::MP, which only refuses a whole echoed greeting: with equal nonces a proof could be reflected
  if (lines[1] === ownNonce) throw new HandshakeFailed('the other end sent our own nonce');
  if (peer.node === config.node) return sameNode(config, peer, lines[1]);
  const { resumes } = config;
  if (resumes !== undefined && peer.node !== resumes.peer.node) throw new HandshakeFailed(`this is ${shown(peer.node)}, not ${resumes.peer.node}`);
  if (resumes !== undefined && !isSameRun(peer, resumes.peer)) return fail(`${shown(peer.node)} runs anew`, 'forgotten');
  if (wantsTls(config) && announcesTls(peer)) {
    // both ends compute the same, whoever has opened the connection (wire.md §1.3)
    const role = isLower(ownNonce, lines[1]) ? 'client' : 'server';
    return { state: { phase: 'securing', peer, lines }, effects: [{ kind: 'secure', role, peer }] };
  }
  if (config.tls === 'required') throw new HandshakeFailed('the other end has no TLS, and without it nobody is let in here', 'tls');
  return introduced(peer, lines, undefined);
}

function introduced(peer: Greeting, lines: GreetingLines, binding: Uint8Array | undefined): HandshakeStep {
  return {
    state: { phase: 'auth', peer, lines, binding, admitted: false, proof: undefined },
    effects: [{ kind: 'greeted', peer }],
  };
}

/** Whether a greeting is of the same process as an earlier one. */
function isSameRun(one: Greeting, other: Greeting): boolean {
  return one.node === other.node && one.keys.get(RUN_KEY) === other.keys.get(RUN_KEY);
}

const encoder = new TextEncoder();

/** Compares octet by octet, as the other end does, whatever its language. */
function isLower(one: string, other: string): boolean {
  return asOctets(one) < asOctets(other);
}

/** A text with a unit for each octet. */
const asOctets = (text: string): string => String.fromCharCode(...encoder.encode(text));

/** Our own id: this node has reached itself, as a nonce of its own tells, or another process has taken the id (S18). */
function sameNode(config: HandshakeConfig, peer: Greeting, nonce: string): HandshakeStep {
  if (config.issued(nonce)) return fail(`talking to myself: I am "${peer.node}" too`, 'self');
  return fail(`another node has our node id "${peer.node}": every node needs its own`, 'duplicate');
}

type AuthState = Extract<HandshakeState, { phase: 'auth' }>;

function onAdmit(config: HandshakeConfig, state: HandshakeState): HandshakeStep {
  if (state.phase !== 'auth' || state.admitted) return { state, effects: [] };
  const { peer, lines, binding } = state;
  const method = chooseMethod(config, peer, binding !== undefined);
  const part = { role: config.initiator ? 'initiator' : 'acceptor', sender: greetingLines(config), receiver: lines } as const;
  const link = linkOf(config, peer);
  const line = proofLine(config, method, {
    ...part,
    framing: chooseFraming(config, peer),
    keys: new Map(link && [resumedKey(link, part)]),
    binding,
  });
  return advance(config, { ...state, admitted: true }, [{ kind: 'send', line }]);
}

/** The link that goes on, if one does. */
function linkOf(config: HandshakeConfig, peer: Greeting): Resumable | undefined {
  if (config.initiator) return config.resumes;
  const id = peer.keys.get(RESUMES_KEY);
  const link = id === undefined ? undefined : config.resumable?.(id);
  return link !== undefined && isSameRun(peer, link.peer) ? link : undefined;
}

function chooseFraming(config: HandshakeConfig, peer: Greeting): string {
  const framing = peer.framings.find((name) => config.framings.includes(name));
  if (framing !== undefined) return framing;
  throw new HandshakeFailed(
    `no common framing: the other end accepts ${list(peer.framings)}, we have ${list(config.framings)}`,
    'version',
  );
}

function onProof(config: HandshakeConfig, state: AuthState, text: string): HandshakeStep {
  if (state.proof !== undefined) return { state, effects: [] };
  const auth = parseAuth(text);
  const { framing, keys } = auth;
  if (auth.method === REFUSED) {
    if (auth.data === 'guest') return fail(`refused by the gate: ${printable((keys.get(WHY_KEY) ?? '').slice(0, LONGEST_WHY))}`, 'refused');
    const code = Object.hasOwn(REFUSALS, auth.data) ? (auth.data as keyof typeof REFUSALS) : undefined;
    return code === undefined ? fail(`refused by the other end: ${shown(auth.data)}`, 'refused') : fail(`refused: ${REFUSALS[code]}`, code);
  }
  const { peer, lines, binding } = state;
  const role = config.initiator ? 'acceptor' : 'initiator';
  const receiver = greetingLines(config);
  const transcript: Transcript = { role, sender: lines, receiver, framing, keys, binding };
  const method = checkProof(config, peer, { line: text, auth, transcript });
  if (!config.framings.includes(framing)) {
    throw new HandshakeFailed(`framing "${framing}" is not known here: expected ${list(config.framings)}`, 'version');
  }
  const token = shownToken(method, auth);
  const link = linkOf(config, peer);
  if (link === undefined) return advance(config, { ...state, proof: { method, framing, token, resumed: undefined } }, []);
  const value = keys.get(RESUMED_KEY);
  if (value === undefined) return fail('the other end does not go on with the link', 'forgotten');
  const taken = checkResumed(link, { role, sender: lines, receiver }, value);
  return advance(config, { ...state, proof: { method, framing, token, resumed: { id: link.id, taken } } }, []);
}

/** A handshake is done when this end has sent its proof and has accepted the other's, in either order. */
function advance(config: HandshakeConfig, state: AuthState, effects: readonly HandshakeEffect[]): HandshakeStep {
  if (state.proof === undefined) return { state, effects };
  const { peer, proof, binding } = state;
  if (!state.admitted) return { state, effects: [...effects, { kind: 'verified', peer, token: proof.token }] };
  const agreement = {
    peer,
    method: proof.method,
    trusted: config.trusted !== false && proof.method !== 'tls_anon' && proof.token === undefined,
    secure: binding !== undefined || config.tls === 'outside',
    sendFraming: chooseFraming(config, peer),
    receiveFraming: proof.framing,
    resumption: proof.resumed === undefined ? resumptionOf(config, state, proof.token) : undefined,
    resumed: proof.resumed,
  };
  return { state: { phase: 'over' }, effects: [...effects, { kind: 'done', agreement }] };
}

function resumptionOf(config: HandshakeConfig, { peer, lines, binding }: AuthState, token: GuestToken | undefined): Agreement['resumption'] {
  const own = greetingLines(config);
  const [initiator, acceptor] = config.initiator ? [own, lines] : [lines, own];
  return agreeOnResumption(config.resume, peer, { secret: binding ?? (config.guest ?? token)?.key ?? config.secret, initiator, acceptor });
}

function onRefuse(state: HandshakeState, code: RefusalCode, text: string): HandshakeStep {
  const failed: HandshakeEffect = { kind: 'failed', reason: text };
  if (state.phase !== 'auth' || state.admitted || !isRxmp(state.peer)) {
    return { state: { phase: 'over' }, effects: [failed] };
  }
  const keys = new Map(code === 'guest' ? [[WHY_KEY, printable(text.slice(0, LONGEST_WHY))]] : []);
  const line = formatAuth({ method: REFUSED, data: code, framing: '', keys });
  return { state: { phase: 'over' }, effects: [{ kind: 'send', line }, failed] };
}

/** Whether the other end understands rxmp's own extensions. */
function isRxmp(peer: Greeting): boolean {
  return peer.keys.get('provider')?.startsWith('rxmp-') ?? false;
}

function fail(reason: string, code?: HandshakeFailure): HandshakeStep {
  const effect: HandshakeEffect = code === undefined ? { kind: 'failed', reason } : { kind: 'failed', reason, code };
  return { state: { phase: 'over' }, effects: [effect] };
}
