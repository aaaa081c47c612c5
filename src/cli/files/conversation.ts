import type { PortStream } from '../../stream/types.js';

/** A transfer is lines of JSON, and octets between them. */
export interface Conversation {
  /** The next line. Rejects for what is no JSON, and where the other end has ended. */
  line(): Promise<unknown>;
  /** The next so many octets, in pieces. */
  octets(count: number): AsyncGenerator<Uint8Array, void, undefined>;
  /** Resolves when there is room for more. */
  say(line: object): Promise<void>;
  write(octets: Uint8Array): Promise<void>;
  /** All was said: resolves when it has arrived. */
  end(): Promise<void>;
  /** The other end hears the reason. */
  giveUp(reason: unknown): Promise<void>;
}

const LF = 0x0a;
/** No line is longer. */
const LINE = 4_096;

export function createConversation({ readable, writable }: PortStream): Conversation {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  let rest: Uint8Array = new Uint8Array();

  /** At least one octet. */
  const some = async (): Promise<Uint8Array> => {
    if (rest.length > 0) return rest;
    const { done, value } = await reader.read();
    if (done) throw new Error('the other end has ended the transfer');
    return (rest = value);
  };

  return {
    async line() {
      const parts: Uint8Array[] = [];
      for (let size = 0; ; ) {
        const piece = await some();
        const end = piece.indexOf(LF);
        const part = end < 0 ? piece : piece.subarray(0, end);
        size += part.length;
        if (size > LINE) throw new Error('the other end says nothing that belongs to a transfer');
        parts.push(part);
        rest = piece.subarray(end < 0 ? piece.length : end + 1);
        if (end >= 0) return JSON.parse(Buffer.concat(parts).toString()) as unknown;
      }
    },
    async *octets(count) {
      for (let left = count; left > 0; ) {
        const piece = (await some()).subarray(0, left);
        rest = rest.subarray(piece.length);
        left -= piece.length;
        yield piece;
      }
    },
    say: (line) => writer.write(Buffer.from(`${JSON.stringify(line)}\n`)),
    write: (octets) => writer.write(octets),
    end: () => writer.close(),
    async giveUp(reason) {
      // who has failed already knows
      await Promise.allSettled([writer.abort(reason), reader.cancel(reason)]);
    },
  };
}
