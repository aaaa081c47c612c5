/** A number that JavaScript would write otherwise: an integer beyond 2^53, an infinity or NaN; with how it was written. */
export interface Written {
  readonly written: string;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?(?:inf|nan)|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;

/** JSON as AnyEvent::MP writes it, with `inf` and `nan`. */
export function exactJson(text: string): unknown {
  const marked = text.replace(TOKEN, (token) => {
    if (token.startsWith('"')) return token;
    const number = Number(token);
    const held = Number.isFinite(number) && (!/^-?\d+$/.test(token) || Number.isSafeInteger(number) || String(number) === token);
    return held ? token : JSON.stringify({ written: token });
  });
  return JSON.parse(marked);
}
