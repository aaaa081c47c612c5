import type { Link } from '../../transport/link.js';

/** How this node stands with another one. */
export type PeerState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting' }
  /** A new connection is there, but what the last one lost is still to be told (S2, S18). */
  | { readonly status: 'attaching'; readonly link: Link }
  /** What has waited is being handed to it, before anything that is sent from now on (S1). */
  | { readonly status: 'handing over'; readonly link: Link }
  | { readonly status: 'up'; readonly link: Link };

export type PeerEvent =
  /** There is something to send, or to monitor, or the node is to stay connected (S14, S19, S22). */
  | { readonly kind: 'wanted' }
  | { readonly kind: 'linked'; readonly link: Link }
  /** The monitors of the last connection have fired. */
  | { readonly kind: 'settled'; readonly link: Link }
  /** Nothing waits any more. */
  | { readonly kind: 'handed over'; readonly link: Link }
  | { readonly kind: 'closed'; readonly link: Link; readonly reason: string }
  /** Nobody knows an address, or none answered. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export type PeerEffect =
  | { readonly kind: 'connect' }
  /** Nobody looks for a connection any more: there is one, or the attempt has failed. */
  | { readonly kind: 'stop' }
  /** Drop what is queued and fire every monitor of the peer's ports (S13). */
  | { readonly kind: 'lose'; readonly reason: string; readonly wasUp: boolean }
  /** Send `settled` for this link as soon as all that was lost before is told. */
  | { readonly kind: 'settle'; readonly link: Link }
  | { readonly kind: 'close'; readonly link: Link; readonly reason: string }
  /** Send what is queued, then `handed over`. */
  | { readonly kind: 'hand over'; readonly link: Link }
  /** Tell that the peer is up, and start to receive. */
  | { readonly kind: 'attach'; readonly link: Link };

export interface PeerStep {
  readonly state: PeerState;
  readonly effects: readonly PeerEffect[];
}

export const peerStart: PeerState = { status: 'idle' };

const REPLACED = 'replaced by a new connection';

/** The life of a peer as a pure machine: an event in, the next state and what is to be done out. */
export function peerStep(state: PeerState, event: PeerEvent): PeerStep {
  const stay: PeerStep = { state, effects: [] };
  switch (event.kind) {
    case 'wanted':
      return state.status === 'idle' ? { state: { status: 'connecting' }, effects: [{ kind: 'connect' }] } : stay;
    case 'linked':
      return {
        state: { status: 'attaching', link: event.link },
        effects: [...endOld(state), { kind: 'settle', link: event.link }],
      };
    case 'settled':
      if (state.status !== 'attaching' || state.link !== event.link) return stay;
      return { state: { status: 'handing over', link: event.link }, effects: [{ kind: 'hand over', link: event.link }] };
    case 'handed over':
      if (state.status !== 'handing over' || state.link !== event.link) return stay;
      return { state: { status: 'up', link: event.link }, effects: [{ kind: 'attach', link: event.link }] };
    case 'closed':
      if (state.status !== 'up' || state.link !== event.link) return stay;
      return { state: { status: 'idle' }, effects: [{ kind: 'lose', reason: event.reason, wasUp: true }] };
    case 'unreachable':
      if (state.status !== 'connecting') return stay;
      return { state: { status: 'idle' }, effects: [{ kind: 'stop' }, { kind: 'lose', reason: event.reason, wasUp: false }] };
  }
}

/** What a new connection ends. A restarted peer replaces its old one, whose monitors fire first (S18). */
function endOld(state: PeerState): PeerEffect[] {
  switch (state.status) {
    case 'up':
      return [
        { kind: 'close', link: state.link, reason: REPLACED },
        { kind: 'lose', reason: REPLACED, wasUp: true },
      ];
    case 'attaching':
    case 'handing over':
      return [{ kind: 'close', link: state.link, reason: REPLACED }];
    case 'connecting':
      return [{ kind: 'stop' }];
    case 'idle':
      return [];
  }
}
