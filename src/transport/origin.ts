/**
 * Whether a WebSocket request may come in, judged by its `Origin` header. Browsers always send one and a page can't forge
 * it, so this keeps foreign pages from using a visitor's access; other programs send none and are let in.
 *
 * With a list, the origin has to be in it (`*` stands for any). Without, its host has to be the host that was asked for.
 */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[] | undefined,
): boolean {
  if (origin === undefined) return true;
  if (allowed !== undefined) return allowed.includes('*') || allowed.includes(origin);
  if (host === undefined || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  // read with the origin's scheme, so that a default port that only one of them spells out makes no difference
  const asked = `${from.protocol}//${host}`;
  return from.host !== '' && URL.canParse(asked) && new URL(asked).host === from.host;
}
