/** Failures that a reason names; a node may have hundreds of addresses. */
const NAMED_FAILURES = 3;

/** Errors of transports name the address, those of a handshake do not. */
export function describe(address: string, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.includes(address) ? text : `${address}: ${text}`;
}

/** In an order that is always the same, so that who has heard it can tell that it is nothing new. */
export function summary(failures: readonly string[]): string {
  const named = [...failures].sort().slice(0, NAMED_FAILURES).join('; ');
  const more = failures.length - NAMED_FAILURES;
  return more > 0 ? `${named}; and ${more} addresses more` : named;
}
