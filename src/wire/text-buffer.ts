import { notUtf8 } from './json-text.js';

/** Text that comes in pieces of octets, decoded as it comes, so that little is left to do at its end, when the event loop has to wait. */
export interface TextBuffer {
  /** Octets so far. */
  readonly length: number;
  /** Throws {@link ProtocolError} for what is no UTF-8. */
  append(piece: Uint8Array): void;
  /** All of it; the buffer is empty afterwards. Throws as `append` does. */
  take(): string;
}

/** An empty {@link TextBuffer}. */
export function createTextBuffer(): TextBuffer {
  // a byte order mark is kept: dropping it would change what was sent
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  let length = 0;

  const decode = (piece?: Uint8Array): string => {
    try {
      return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true });
    } catch {
      throw notUtf8();
    }
  };

  return {
    get length() {
      return length;
    },
    append(piece) {
      length += piece.length;
      text += decode(piece);
    },
    take() {
      const whole = text + decode();
      text = '';
      length = 0;
      return whole;
    },
  };
}
