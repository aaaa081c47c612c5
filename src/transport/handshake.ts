import { HandshakeFailed } from '../wire/errors.js';
import { formatAuth, formatGreeting, parseAuth, parseGreeting, type Greeting } from '../wire/greeting.js';
import { cleartextProof, hmacProof, verifyProof } from '../wire/proof.js';

/** What this end says of itself in a handshake. */
export interface HandshakeConfig {
  readonly node: string;
  /** Framings that this end can send and receive, the preferred one first. */
  readonly framings: readonly string[];
  /** The shared secret; without it this end can neither prove itself nor check others. */
  readonly secret: string | undefined;
  /** Accept a peer that sends the secret itself. AnyEvent::MP does; rxmp only when told to. */
  readonly acceptCleartext: boolean;
  /** Unpredictable, new for each connection. */
  readonly nonce: string;
  /** `key=value` parts of the first line. */
  readonly keys: ReadonlyMap<string, string>;
  /** Whether this node has sent that nonce in another handshake: then it has reached itself. */
  issued(nonce: string): boolean;
}

/** What a finished handshake has agreed on. */
export interface Agreement {
  readonly peer: Greeting;
  /** How the other end has proved itself. */
  readonly method: string;
  /** The framing of what this end sends, and of what it receives. */
  readonly sendFraming: string;
  readonly receiveFraming: string;
}

/** Why a connection is refused although nothing is wrong with its handshake; rxmp peers are told. */
export type RefusalCode = 'duplicate' | 'connected';

/** Failures that mean more than a lost connection; `self`: this node has reached itself. */
export type FailureCode = RefusalCode | 'self';

type Lines = readonly [string, string];

/** Where a handshake stands. The other end has been heard up to this phase. */
export type HandshakeState =
  | { readonly phase: 'greeting' }
  | { readonly phase: 'nonce'; readonly peer: Greeting; readonly line: string }
  | {
      readonly phase: 'auth';
      readonly peer: Greeting;
      readonly lines: Lines;
      /** Our proof has left. */
      readonly admitted: boolean;
      /** The other end's proof was right. */
      readonly proof: { readonly method: string; readonly framing: string } | undefined;
    }
  | { readonly phase: 'over' };

export type HandshakeEvent =
  | { readonly kind: 'line'; readonly text: string }
  /** The gate lets the peer in: send our proof. */
  | { readonly kind: 'admit' }
  | { readonly kind: 'refuse'; readonly code: RefusalCode; readonly text: string };

export type HandshakeEffect =
  | { readonly kind: 'send'; readonly line: string }
  /** The peer has introduced itself; the gate is to decide. */
  | { readonly kind: 'greeted'; readonly peer: Greeting }
  /** The peer has proved itself, but the gate has not admitted it yet. */
  | { readonly kind: 'verified'; readonly peer: Greeting }
  | { readonly kind: 'done'; readonly agreement: Agreement }
  | { readonly kind: 'failed'; readonly reason: string; readonly code?: FailureCode };

export interface HandshakeStep {
  readonly state: HandshakeState;
  readonly effects: readonly HandshakeEffect[];
}

/** The key of a greeting that tells two runs of a node apart; an extension of rxmp. */
export const RUN_KEY = 'run';

const REFUSED = 'refused';
const REFUSALS: Readonly<Record<RefusalCode, string>> = {
  duplicate: 'another live node has our node id',
  connected: 'the nodes are connected already',
};

/** The two lines that this end sends first, without waiting for the other end (wire.md §1). */
export function greetingLines(config: HandshakeConfig): Lines {
  const line = formatGreeting({
    protocol: 'aemp',
    version: '1',
    node: config.node,
    auth: acceptedMethods(config),
    framings: config.framings,
    keys: config.keys,
  });
  return [line, config.nonce];
}

function acceptedMethods(config: HandshakeConfig): string[] {
  if (config.secret === undefined) return [];
  return config.acceptCleartext ? ['hmac_sha3_512', 'cleartext'] : ['hmac_sha3_512'];
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
      case 'admit':
        return onAdmit(config, state);
      case 'refuse':
        return onRefuse(state, event.code, event.text);
    }
  } catch (error) {
    if (!(error instanceof HandshakeFailed)) throw error;
    return fail(error.message);
  }
}

function onLine(config: HandshakeConfig, state: HandshakeState, text: string): HandshakeStep {
  switch (state.phase) {
    case 'greeting': {
      const peer = parseGreeting(text);
      if (peer.protocol !== 'aemp') throw new HandshakeFailed(`unknown protocol "${peer.protocol}": expected "aemp"`);
      return { state: { phase: 'nonce', peer, line: text }, effects: [] };
    }
    case 'nonce':
      return onNonce(config, state.peer, [state.line, text]);
    case 'auth':
      return onProof(config, state, text);
    case 'over':
      return { state, effects: [] };
  }
}

function onNonce(config: HandshakeConfig, peer: Greeting, lines: Lines): HandshakeStep {
  const [ownLine, ownNonce] = greetingLines(config);
  if (lines[0] === ownLine && lines[1] === ownNonce) throw new HandshakeFailed('our own greeting was echoed');
  // stricter than AnyEvent::MP, which only refuses a whole echoed greeting: with equal nonces a proof could be reflected
  if (lines[1] === ownNonce) throw new HandshakeFailed('the other end sent our own nonce');
  if (peer.node === config.node) return sameNode(config, peer, lines[1]);
  return {
    state: { phase: 'auth', peer, lines, admitted: false, proof: undefined },
    effects: [{ kind: 'greeted', peer }],
  };
}

/** Our own id: this node has reached itself, as a nonce of its own tells, or another process has taken the id (S18). */
function sameNode(config: HandshakeConfig, peer: Greeting, nonce: string): HandshakeStep {
  if (config.issued(nonce)) return fail(`talking to myself: I am "${peer.node}" too`, 'self');
  return fail(`another node has our node id "${peer.node}": every node needs its own`, 'duplicate');
}

type AuthState = Extract<HandshakeState, { phase: 'auth' }>;

function onAdmit(config: HandshakeConfig, state: HandshakeState): HandshakeStep {
  if (state.phase !== 'auth' || state.admitted) return { state, effects: [] };
  const method = state.peer.auth.find((name) => acceptedMethods(config).includes(name) && name !== 'cleartext');
  if (method === undefined || config.secret === undefined) {
    throw new HandshakeFailed(
      config.secret === undefined
        ? 'no secret is configured here to prove ourselves with'
        : `no common authentication method: the other end accepts ${list(state.peer.auth)}, we offer hmac_sha3_512`,
    );
  }
  const data = hmacProof(config.secret, greetingLines(config), state.lines);
  const line = formatAuth({ method, data, framing: chooseFraming(config, state.peer), keys: new Map() });
  return advance(config, { ...state, admitted: true }, [{ kind: 'send', line }]);
}

function chooseFraming(config: HandshakeConfig, peer: Greeting): string {
  const framing = peer.framings.find((name) => config.framings.includes(name));
  if (framing !== undefined) return framing;
  throw new HandshakeFailed(
    `no common framing: the other end accepts ${list(peer.framings)}, we have ${list(config.framings)}`,
  );
}

function onProof(config: HandshakeConfig, state: AuthState, text: string): HandshakeStep {
  if (state.proof !== undefined) return { state, effects: [] };
  const { method, data, framing } = parseAuth(text);
  if (method === REFUSED) {
    const code = data === 'duplicate' || data === 'connected' ? data : undefined;
    return code === undefined ? fail('refused by the other end') : fail(`refused: ${REFUSALS[code]}`, code);
  }
  if (!acceptedMethods(config).includes(method) || config.secret === undefined) {
    throw new HandshakeFailed(`authentication method "${method}" is not accepted here`);
  }
  const expected =
    method === 'cleartext'
      ? cleartextProof(config.secret)
      : hmacProof(config.secret, state.lines, greetingLines(config));
  if (!verifyProof(expected, data)) throw new HandshakeFailed('wrong secret: the proof does not match');
  if (!config.framings.includes(framing)) {
    throw new HandshakeFailed(`framing "${framing}" is not known here: expected ${list(config.framings)}`);
  }
  return advance(config, { ...state, proof: { method, framing } }, []);
}

/** A handshake is done when this end has sent its proof and has accepted the other's, in either order. */
function advance(config: HandshakeConfig, state: AuthState, effects: readonly HandshakeEffect[]): HandshakeStep {
  if (state.proof === undefined) return { state, effects };
  const { peer, proof } = state;
  if (!state.admitted) return { state, effects: [...effects, { kind: 'verified', peer }] };
  const agreement = {
    peer,
    method: proof.method,
    sendFraming: chooseFraming(config, peer),
    receiveFraming: proof.framing,
  };
  return { state: { phase: 'over' }, effects: [...effects, { kind: 'done', agreement }] };
}

function onRefuse(state: HandshakeState, code: RefusalCode, text: string): HandshakeStep {
  const failed: HandshakeEffect = { kind: 'failed', reason: text };
  if (state.phase !== 'auth' || state.admitted || !isRxmp(state.peer)) {
    return { state: { phase: 'over' }, effects: [failed] };
  }
  const line = formatAuth({ method: REFUSED, data: code, framing: '', keys: new Map() });
  return { state: { phase: 'over' }, effects: [{ kind: 'send', line }, failed] };
}

/** Whether the other end understands rxmp's own extensions. */
function isRxmp(peer: Greeting): boolean {
  return peer.keys.get('provider')?.startsWith('rxmp-') ?? false;
}

function fail(reason: string, code?: FailureCode): HandshakeStep {
  const effect: HandshakeEffect = code === undefined ? { kind: 'failed', reason } : { kind: 'failed', reason, code };
  return { state: { phase: 'over' }, effects: [effect] };
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
