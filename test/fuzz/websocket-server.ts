import { connect } from 'node:net';
import { firstValueFrom, Subject, take, type Subscription } from 'rxjs';
import { parseAddress } from '../../src/transport/address.js';
import type { Chunk, Duplex } from '../../src/transport/duplex.js';
import { webSocketTransport } from '../../src/transport/websocket.js';

export const MAX_PAYLOAD = 5_000;

const MARK = 'mark';
/** A ping of the client, masked with zeros: its answer shows that all before it was read. */
const mark = (index: number): Uint8Array => Buffer.concat([Uint8Array.of(0x89, 0x80 | 8, 0, 0, 0, 0), Buffer.from(MARK), Buffer.from(String(index).padStart(4, '0'))]);

export interface FuzzedServer {
  /** Sends rows of frames over one connection, and ends it. Returns how many were read, and whether the last of them ended it. */
  send(inputs: readonly Uint8Array[]): Promise<{ readonly read: number; readonly broke: boolean }>;
  /** Throws when a connection that was there before has no answer any more, or something was thrown. */
  check(): Promise<void>;
  close(): void;
}

/** A WebSocket listener, whose every chunk goes to `taken`, and a witness that is connected to it. */
export async function fuzzedServer(taken: (chunk: Chunk) => void): Promise<FuzzedServer> {
  const transport = webSocketTransport({ maxPayload: MAX_PAYLOAD });
  const faults: unknown[] = [];
  const addresses = new Subject<string>();
  const accept = (duplex: Duplex): void => {
    duplex.incoming$.subscribe({
      next: (chunk) => {
        if (String(chunk).startsWith('witness')) duplex.write(chunk);
        try {
          taken(chunk);
        } catch (error) {
          faults.push(error);
        }
      },
      error: () => undefined,
    });
  };
  const address$ = firstValueFrom(addresses);
  const listening: Subscription = transport.listen(parseAddress('ws://127.0.0.1:0')).subscribe((event) => {
    if (event.kind === 'connection') accept(event.duplex);
    else addresses.next(event.addresses[0] ?? '');
  });
  const address = await address$;
  const port = parseAddress(address).port;
  const witness = await firstValueFrom(transport.connect(parseAddress(address)));
  const answers = new Subject<Chunk>();
  witness.incoming$.subscribe(answers);
  let asked = 0;

  return {
    send: (inputs) =>
      new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port });
        const got: Buffer[] = [];
        const request = 'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
        socket.end(Buffer.concat([Buffer.from(request), ...inputs.flatMap((input, i) => [input, mark(i)])]));
        socket.on('data', (data) => got.push(data));
        // the listener may break off, which is an end like any other
        socket.on('error', () => undefined);
        socket.on('close', () => {
          const read = Buffer.concat(got).toString('latin1').split(MARK).length - 1;
          resolve({ read, broke: read < inputs.length });
        });
      }),
    async check() {
      const [fault] = faults;
      if (fault instanceof Error) throw fault;
      const question = `witness ${asked++}`;
      const answer = firstValueFrom(answers.pipe(take(1)));
      witness.write(question);
      if ((await answer) !== question) throw new Error('the witness has a wrong answer');
    },
    close() {
      witness.close();
      listening.unsubscribe();
    },
  };
}
