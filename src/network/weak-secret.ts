import type { Logger } from '../env/log.js';
import { secretBits } from '../env/secret-strength.js';
import type { Address } from '../transport/address.js';
import { isLoopback } from '../transport/loopback.js';

/** A listener's proof lets a stranger try secrets on his own machine, as fast as it goes: fewer bits are found. */
const BITS = 64;

/** Warns of a secret that can be guessed, if somebody off this machine can meet the node. */
export function warnOfWeakSecret(secret: string | undefined, addresses: readonly Address[], log: Logger): void {
  if (secret === undefined || addresses.every(({ text }) => isLoopback(text))) return;
  const bits = secretBits(secret);
  if (bits >= BITS) return;
  log.warn({ bits }, `the secret looks weak (about ${bits} bits): strangers can test guesses offline; use one that "rxmp gensecret" prints`);
}
