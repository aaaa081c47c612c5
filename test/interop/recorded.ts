import { readFileSync, readdirSync } from 'node:fs';
import { parseDiagnostic } from '../fixtures/diagnostic.js';
import { exactJson } from './exact-json.js';

export type Message = readonly unknown[];

/** What went over the wire at one moment of a recording. */
export interface Chunk {
  readonly fromClient: boolean;
  readonly octets: Uint8Array;
  /** The messages that this chunk completes. */
  readonly messages: readonly RecordedMessage[];
}

export interface RecordedMessage {
  readonly value: Message;
  /** Not JSON, not UTF-8, or not an array: no node can accept it. */
  readonly bad: boolean;
}

/** A recorded conversation of a client with the Perl node `G`, in order. */
export interface Conversation {
  readonly file: string;
  readonly secret: string;
  /** The handshake lines of each end, without delimiters; an end may have got less far than its three. */
  readonly client: readonly string[];
  readonly server: readonly string[];
  readonly chunks: readonly Chunk[];
  /** What the program of `G` noted: `[what, ...details]`. */
  readonly events: readonly Message[];
  /** `G` has ended the connection. */
  readonly refused: boolean;
}

interface RecordedFile {
  readonly secret: string | { readonly G: string };
  readonly lines: Readonly<Record<'c>s' | 's>c', readonly unknown[]>>;
  readonly chunks: readonly { readonly dir: string; readonly base64: string }[];
  readonly messages: readonly {
    readonly dir: string;
    readonly chunk: number;
    readonly msg: unknown;
    readonly raw?: string;
    readonly diag?: string;
  }[];
  readonly events: Readonly<Record<string, readonly { readonly ev?: Message }[]>>;
  readonly tcp_events: readonly { readonly ev: string }[];
}

const folder = new URL('../fixtures/vectors/', import.meta.url);

/** The recordings of some scenarios, by the letters that their names begin with. */
export function conversations(letters: string): Conversation[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && letters.includes(name.charAt(0)) && name.charAt(1) === '_')
    .sort()
    .map(conversation);
}

/** One recording by its file name without `.json`. */
export function conversation(name: string): Conversation {
  const file = name.replace(/\.json$/, '');
  const content = JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8')) as RecordedFile;
  return {
    file,
    secret: typeof content.secret === 'string' ? content.secret : content.secret.G,
    client: whole(content.lines['c>s']),
    server: whole(content.lines['s>c']),
    chunks: content.chunks.map(({ dir, base64 }, index) => ({
      fromClient: dir === 'c>s',
      octets: new Uint8Array(Buffer.from(base64, 'base64')),
      messages: content.messages.filter((message) => message.chunk === index).map(read),
    })),
    events: (content.events['G'] ?? []).flatMap(({ ev }) => (ev === undefined ? [] : [ev])),
    // where both ends refuse, either may be the first to close
    refused: content.tcp_events.some(({ ev }) => ev === 'server FIN' || (ev === 's FIN' && content.lines['s>c'].length < 3)),
  };
}

/** A line that was never ended is recorded as an object. */
function whole(lines: readonly unknown[]): string[] {
  return lines.filter((line) => typeof line === 'string').map((line) => line.replace(/\r$/, ''));
}

function read({ msg, raw, diag }: RecordedFile['messages'][number]): RecordedMessage {
  const notation = diag ?? raw ?? '';
  const bad = !Array.isArray(msg) || (raw?.includes('\ufffd') ?? false);
  // long ones are recorded short, with the whole beside
  const shortened = /\.\.\.\(\d+ chars\)$/.test(notation);
  if (shortened || (bad && !isArray(notation))) return { value: Array.isArray(msg) ? (msg as Message) : [], bad };
  return { value: (diag === undefined ? exactJson(notation) : parseDiagnostic(diag)) as Message, bad };
}

/** Perl writes infinities and NaN into its JSON; what it says is still clear. */
function isArray(notation: string): boolean {
  try {
    return Array.isArray(exactJson(notation));
  } catch {
    return false;
  }
}
