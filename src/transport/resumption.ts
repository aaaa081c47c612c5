import type { Limits } from '../env/limits.js';
import { HandshakeFailed } from '../wire/errors.js';
import type { Greeting } from '../wire/greeting.js';
import { verifyProof, type GreetingLines } from '../wire/proof.js';
import { linkKeys, resumedProof } from '../wire/resumption-proof.js';

/** What this end offers: `resumeTime`, and how many octets it keeps copies of. */
export interface ResumeOffer {
  readonly time: number;
  readonly kept: number;
}

/** What two ends have agreed on for a link that outlives its connections (V9). */
export interface Resumption {
  /** Names the link; anybody may know it. */
  readonly id: string;
  /** Proves who goes on with the link; made for it alone (V10). */
  readonly key: Uint8Array;
  /** How long the link waits for another connection, ms: the shorter of both. */
  readonly time: number;
  /** The other end wants to know what has arrived after so many octets. */
  readonly window: number;
}

/** A link that may go on, as a handshake needs to know it. */
export interface Resumable extends Pick<Resumption, 'id' | 'key'> {
  readonly peer: Greeting;
  /** Messages that have arrived over it. */
  readonly taken: number;
}

/** `resume=<ms>,<octets>` in a greeting offers resumption; `resumes=<id>` goes on with a link; `resumed=<taken>,<proof>` stands beside a proof. */
export const RESUME_KEY = 'resume';
export const RESUMES_KEY = 'resumes';
export const RESUMED_KEY = 'resumed';

/** What the greeting of this end says of it. */
export function resumeKeys(offer: ResumeOffer | undefined, resumes: Pick<Resumable, 'id'> | undefined): readonly (readonly [string, string])[] {
  return [
    ...(offer === undefined ? [] : [[RESUME_KEY, `${offer.time},${offer.kept}`] as const]),
    ...(resumes === undefined ? [] : [[RESUMES_KEY, resumes.id] as const]),
  ];
}

/** Acknowledged that often, the copies of the other end are never full, unless one message is that long. */
const WINDOWS = 4;
/** An acknowledgement is a message too: shorter windows would be filled by them. Octets. */
const LEAST_WINDOW = 4_096;

/** How many octets of copies are kept. */
export const keptSize = ({ resumeSize }: Pick<Limits, 'resumeSize'>): number => Math.max(resumeSize, WINDOWS * LEAST_WINDOW);

/** What both ends agree on, where both have offered it. */
export function agreeOnResumption(
  offer: ResumeOffer | undefined,
  peer: Greeting,
  link: { readonly secret: string | Uint8Array | undefined; readonly initiator: GreetingLines; readonly acceptor: GreetingLines },
): Resumption | undefined {
  const [, time, kept] = /^(\d{1,16}),(\d{1,16})$/.exec(peer.keys.get(RESUME_KEY) ?? '') ?? [];
  if (offer === undefined || time === undefined || kept === undefined || link.secret === undefined) return undefined;
  return {
    ...linkKeys(link.secret, link.initiator, link.acceptor),
    time: Math.min(offer.time, Number(time)),
    window: Math.max(LEAST_WINDOW, Math.floor(Number(kept) / WINDOWS)),
  };
}

/** One end's part in a handshake that goes on with a link. */
interface Part {
  readonly role: 'initiator' | 'acceptor';
  readonly sender: GreetingLines;
  readonly receiver: GreetingLines;
}

/** What stands beside the proof of an end that goes on with a link. */
export function resumedKey({ key, taken }: Resumable, part: Part): readonly [string, string] {
  return [RESUMED_KEY, `${taken},${resumedProof(key, part, taken)}`];
}

/** How many messages the other end has taken; throws {@link HandshakeFailed} if it isn't who it was. */
export function checkResumed({ key }: Resumable, part: Part, value: string): number {
  const [, digits = '', proof = ''] = /^(\d{1,16}),([0-9a-f]+)$/.exec(value) ?? [];
  const taken = Number(digits);
  if (digits !== '' && verifyProof(resumedProof(key, part, taken), proof)) return taken;
  throw new HandshakeFailed('the other end does not know the key of the link that it wants to go on with');
}
