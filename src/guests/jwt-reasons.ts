/** What guests are told, by the codes of jose's errors: short, and nothing of what this gate knows. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'the token has expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "the token's signature is wrong",
  ERR_JOSE_ALG_NOT_ALLOWED: "the token's algorithm is not accepted",
  ERR_JWKS_NO_MATCHING_KEY: "the token's key is not known",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'the token does not say which key it is signed with',
  ERR_JWS_INVALID: 'this is no token',
  ERR_JWT_INVALID: 'this is no token',
};

const CLAIMS: Readonly<Record<string, string>> = {
  iss: 'the token is of another issuer',
  aud: 'the token is for another audience',
  nbf: 'the token is not valid yet',
};

/** The error of a token that is refused, as the guest is told it. What went wrong at this end is its cause, for the log. */
export function refusalOf(error: unknown): Error {
  const { code = '', claim = '' } = (typeof error === 'object' && error !== null ? error : {}) as { readonly code?: string; readonly claim?: string };
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') return new Error(CLAIMS[claim] ?? 'the token has a claim that is wrong');
  const reason = REASONS[code];
  return reason === undefined ? new Error('the token could not be checked', { cause: error }) : new Error(reason);
}
