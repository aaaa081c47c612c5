import { connect, type Socket } from 'node:net';
import { framings } from '../../src/wire/framing.js';
import { portNameOf } from '../../src/wire/portid.js';
import { limits } from '../fixtures/decode.js';
import { exactJson } from './exact-json.js';
import type { Message } from './recorded.js';

/** A hand-made peer of an rxmp node, over a real socket. */
export interface Client {
  /** Its address as the node sees and logs it. */
  readonly address: string;
  readonly closed: boolean;
  /** The messages that came since the last call, in order; without the echo requests of S16. */
  take(): readonly Message[];
  readonly echoRequests: readonly Message[];
  /** Everything the node has sent. */
  readonly octets: Uint8Array;
  write(data: Uint8Array | string): void;
  /** The first lines that the node sent, as soon as there are so many; fewer when the connection ends before that. */
  lines(count: number): Promise<string[]>;
  /** From now on what follows the third line is read as messages; what is sent is framed in the same way. */
  startData(options: { readonly received: string; readonly sent: string; readonly node: string; readonly answers?: boolean }): void;
  send(portName: string, ...message: Message): void;
  /** Resolves when the condition holds; rejects after 5 s. */
  until(condition: () => boolean): Promise<void>;
  /** Two round trips: after them the node has carried out, and answered, all that was sent before. False when it has closed. */
  settle(): Promise<boolean>;
  close(): Promise<void>;
}

const LF = 0x0a;
const PATIENCE = 5_000;

/** Connects to `host:port`. */
export async function connectTo(address: string): Promise<Client> {
  const [host = '', port] = address.split(':');
  const socket = connect({ host, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject);
  });
  return clientOf(socket);
}

/** The same for a socket that is connected already. */
export function clientOf(socket: Socket): Client {
  const waiters = new Set<() => void>();
  let octets = new Uint8Array();
  let taken = 0; // what was read as messages, of the octets
  let reader: ((piece: Uint8Array) => void) | undefined;
  let frame: ((portName: string, message: Message) => void) | undefined;
  let node = '';
  let closed = false;
  let fences = 0;
  let seen = 0;
  let messages: Message[] = [];
  const echoRequests: Message[] = [];

  const changed = (): void => {
    for (const waiter of [...waiters]) waiter();
  };
  const readOn = (): void => {
    const piece = octets.subarray(taken);
    taken = octets.length;
    reader?.(piece);
  };
  socket.on('data', (data) => {
    octets = new Uint8Array(Buffer.concat([octets, data]));
    if (reader !== undefined) readOn();
    changed();
  });
  // the node may break off abruptly: that is an end like any other here
  socket.on('error', changed);
  socket.on('close', () => {
    closed = true;
    changed();
  });

  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        waiters.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        waiters.delete(check);
        reject(new Error(`waited ${PATIENCE} ms in vain for ${String(condition)}`));
      }, PATIENCE);
      waiters.add(check);
      check();
    });

  const received = (message: Message, answers: boolean): void => {
    const [portName, tag, to, ...rest] = message;
    if (portName === 'fence' && typeof tag === 'number') seen = tag;
    else if (portName === '' && tag === 'snd' && typeof to === 'string') {
      echoRequests.push(message);
      if (answers) frame?.(portNameOf(to), rest);
    } else messages.push(message);
  };

  const linesOf = (): string[] => new TextDecoder().decode(octets).split('\n').slice(0, -1);

  return {
    address: `${socket.localAddress ?? ''}:${socket.localPort ?? 0}`,
    get closed() {
      return closed;
    },
    get octets() {
      return octets;
    },
    take() {
      const all = messages;
      messages = [];
      return all;
    },
    echoRequests,
    write: (data) => void socket.write(data),
    async lines(count) {
      await until(() => closed || linesOf().length >= count);
      return linesOf().slice(0, count);
    },
    startData(options) {
      node = options.node;
      for (let line = 0; line < 3; line++) taken = octets.indexOf(LF, taken) + 1;
      frame = (portName, message) => {
        const encoded = framings.get(options.sent)?.encode(portName, message);
        if (encoded !== undefined) socket.write(encoded);
      };
      reader = createReader(options.received, (message) => {
        received(message, options.answers ?? true);
      });
      readOn();
      changed();
    },
    send: (portName, ...message) => frame?.(portName, message),
    until,
    async settle() {
      for (let trip = 0; trip < 2; trip++) {
        const fence = ++fences;
        frame?.('', ['snd', `${node}#fence`, fence]);
        await until(() => closed || seen === fence);
      }
      return !closed;
    },
    async close() {
      socket.end();
      await until(() => closed);
    },
  };
}

/** JSON is read by itself, so that numbers stay what was written, and with it that rxmp writes one message a line. */
function createReader(framing: string, deliver: (message: Message) => void): (piece: Uint8Array) => void {
  const decoder = framings.get(framing)?.decoder(limits);
  if (framing === 'cbor') return (piece) => decoder?.push(piece, (port, message) => { deliver([port, ...message]); });
  let rest = '';
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  return (piece) => {
    const lines = (rest + utf8.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) deliver(exactJson(line) as Message);
  };
}
