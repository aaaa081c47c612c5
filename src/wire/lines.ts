import { HandshakeFailed } from './errors.js';
import { createOctetBuffer, textOf } from './octets.js';

/** Takes lines off the front of a stream, one at a time, and leaves what follows as octets. */
export interface LineReader {
  push(chunk: Uint8Array): void;
  /**
   * The next line without its delimiter, or undefined until it is complete. Throws {@link HandshakeFailed} for a line
   * that is too long, ended or not, and for octets that are not UTF-8.
   */
  next(): string | undefined;
  /** Everything that `next` has not given out: the beginning of the data phase. The reader is empty afterwards. */
  rest(): Uint8Array;
}

const LF = 0x0a;

/** @param maxLine the most octets of a line, with its delimiter (LF, or CR LF), see `limits.handshakeLine` */
export function createLineReader(maxLine: number): LineReader {
  const line = createOctetBuffer(); // the beginning of a line whose end is not here yet
  let chunks: Uint8Array[] = [];

  return {
    push(chunk) {
      if (chunk.length > 0) chunks.push(chunk);
    },
    next() {
      for (;;) {
        const chunk = chunks[0];
        if (chunk === undefined) return undefined;
        const end = chunk.indexOf(LF);
        const stop = end < 0 ? chunk.length : end;
        if (line.length + stop >= maxLine) {
          throw new HandshakeFailed(`a handshake line is longer than ${maxLine} octets`);
        }
        line.append(chunk.subarray(0, stop));
        if (end < 0) {
          chunks.shift();
          continue;
        }
        chunks[0] = chunk.subarray(end + 1);
        const text = textOf(line.take());
        if (text === undefined) throw new HandshakeFailed('a handshake line is not UTF-8');
        return text.endsWith('\r') ? text.slice(0, -1) : text;
      }
    },
    rest() {
      for (const chunk of chunks) line.append(chunk);
      chunks = [];
      return line.take();
    },
  };
}
