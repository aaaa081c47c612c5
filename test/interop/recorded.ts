import { readFileSync, readdirSync } from 'node:fs';
import { parseDiagnostic } from '../fixtures/diagnostic.js';
import { exactJson } from './exact-json.js';

export type Message = readonly unknown[];

/** What went over the wire at one moment of a recording. */
export interface Chunk {
  readonly fromClient: boolean;
  /** Milliseconds since the recording of the scenario began, which may have several files. */
  readonly at: number;
  readonly octets: Uint8Array;
  /** The same without the three lines of the handshake. */
  readonly data: Uint8Array;
  /** The messages that this chunk completes. */
  readonly messages: readonly RecordedMessage[];
}

export interface RecordedMessage {
  readonly value: Message;
  /** Not JSON, not UTF-8, or not an array: no node can accept it. */
  readonly bad: boolean;
}

/** What a program noted: `[what, ...details]`. */
export interface Note {
  readonly at: number;
  readonly note: Message;
}

/** A recorded conversation of a client with another Perl node, nearly always `G`, in order. */
export interface Conversation {
  readonly file: string;
  readonly secret: string;
  /** The handshake lines of each end, without delimiters; an end may have got less far than its three. */
  readonly client: readonly string[];
  readonly server: readonly string[];
  readonly chunks: readonly Chunk[];
  /** What the program of `G` noted. */
  readonly events: readonly Message[];
  /** The same for every node of the scenario, by its name; only one file of a scenario has it. */
  readonly notes: Readonly<Record<string, readonly Note[]>>;
  /** Which end has left first, and when. */
  readonly end: { readonly byClient: boolean; readonly at: number } | undefined;
  /** `G` has ended the connection. */
  readonly refused: boolean;
}

interface RecordedFile {
  readonly secret: string | { readonly G: string };
  readonly lines: Readonly<Record<'c>s' | 's>c', readonly unknown[]>>;
  readonly chunks: readonly { readonly dir: string; readonly t_ms: number; readonly base64: string }[];
  readonly messages: readonly {
    readonly dir: string;
    readonly chunk: number;
    readonly msg: unknown;
    readonly raw?: string;
    readonly diag?: string;
  }[];
  readonly events?: Readonly<Record<string, readonly { readonly ev?: Message; readonly t_ms: number }[]>>;
  readonly tcp_events: readonly { readonly ev: string; readonly t_ms: number }[];
}

const LF = 0x0a;
const LINES = 3;
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
  const linesLeft = new Map<string, number>();
  const withoutLines = (dir: string, octets: Uint8Array): Uint8Array => {
    let left = linesLeft.get(dir) ?? LINES;
    let at = 0;
    while (left > 0 && at < octets.length) if (octets[at++] === LF) left--;
    linesLeft.set(dir, left);
    return octets.subarray(at);
  };
  const [left] = content.tcp_events.filter(({ ev }) => ev === 'c FIN' || ev === 's FIN');
  return {
    file,
    secret: typeof content.secret === 'string' ? content.secret : content.secret.G,
    client: whole(content.lines['c>s']),
    server: whole(content.lines['s>c']),
    chunks: content.chunks.map(({ dir, t_ms: at, base64 }, index) => ({
      fromClient: dir === 'c>s',
      at,
      octets: new Uint8Array(Buffer.from(base64, 'base64')),
      data: withoutLines(dir, new Uint8Array(Buffer.from(base64, 'base64'))),
      messages: content.messages.filter((message) => message.chunk === index).map(read),
    })),
    events: (content.events?.['G'] ?? []).flatMap(({ ev }) => (ev === undefined ? [] : [ev])),
    notes: Object.fromEntries(
      Object.entries(content.events ?? {}).map(([node, notes]) => [
        node,
        notes.flatMap(({ ev, t_ms: at }) => (ev === undefined ? [] : [{ at, note: ev }])),
      ]),
    ),
    end: left === undefined ? undefined : { byClient: left.ev === 'c FIN', at: left.t_ms },
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
