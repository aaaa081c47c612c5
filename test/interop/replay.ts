import { createNode } from '../../src/index.js';
import { captureLog, type CapturedLog } from './log.js';
import type { Program, Stage } from './programs.js';
import { conversation, type Chunk, type Conversation, type Message, type Note } from './recorded.js';
import { renamed } from './renamed.js';
import { begin, isQuery, linkOf, nodesOf, playChunk, withRecordedId, type Connected, type Said } from './replay-links.js';

export interface Scenario {
  /** The recordings of one run, without `.json`. */
  readonly files: readonly string[];
  /** The node that rxmp is; the others are played from the recordings. */
  readonly role: string;
  readonly global: boolean;
  readonly program: Program;
}

/** What the node said to one other between two pauses of the recording, and what it and the other have said there. */
export interface Exchange {
  readonly peer: string;
  /** When it began, in the recording. */
  readonly at: number;
  readonly recorded: readonly Said[];
  readonly actual: readonly Message[];
  /** The peer has left. */
  readonly left: boolean;
}

export interface Replayed {
  readonly exchanges: readonly Exchange[];
  /** What the program noted. */
  readonly notes: readonly Message[];
  readonly log: CapturedLog;
}

type Event = { readonly at: number; readonly order: number } & (
  | { readonly kind: 'step'; readonly step: number }
  | { readonly kind: 'begin' | 'end'; readonly link: Connected }
  | { readonly kind: 'chunk'; readonly link: Connected; readonly chunk: Chunk }
);

/** Longer pauses in the recording separate exchanges, ms. What one message caused took Perl less, and programs wait longer. */
const PAUSE = 9;

/** Plays all that other nodes said to a Perl node to an rxmp node in its place, and runs what its program did. */
export async function replay({ files, role, global, program }: Scenario): Promise<Replayed> {
  const all = files.map(conversation);
  const links = await Promise.all(all.filter((one) => nodesOf(one).includes(role)).map((one) => linkOf(one, role)));
  const log = captureLog();
  await using node = await createNode({
    nodeid: role,
    binds: ['127.0.0.1:0'],
    seeds: links.flatMap(({ listening }) => listening?.address ?? []),
    secret: all[0]?.secret,
    framings: framingsOf(all[0]),
    global,
    log,
  });
  const recorded = recordedAddress(all, role);
  const names = new Map([[node.addresses[0] ?? '', recorded]]);
  const notes: Message[] = [];
  const stage: Stage = {
    node,
    note: (...note) => notes.push(renamed(note, names)),
    port() {
      const port = node.port();
      names.set(port.id, recordedPort(all, role));
      return port;
    },
  };
  program[0]?.(stage);

  const exchanges: Exchange[] = [];
  const settle = async (): Promise<void> => {
    // what one link brings may have to leave by another
    for (let round = 0; round < 2; round++) for (const { client } of links) if (client?.closed === false) await client.settle();
  };
  const take = (link: Connected): void => {
    for (const message of link.client?.take() ?? []) {
      link.actual.push(renamed(message, names));
      if (isQuery(message)) link.asks.push(String(message[3]));
    }
  };
  const finish = (at: number): void => {
    for (const link of links) {
      const { peer, recorded, left } = link;
      const actual = link.actual.map((message) => (isQuery(message) ? withRecordedId(link, message) : message));
      if (left || recorded.length + actual.length > 0) exchanges.push({ peer, at, recorded, actual, left });
      Object.assign(link, { recorded: [], actual: [], left: false });
    }
  };

  let [began, last] = [0, 0];
  for (const event of eventsOf(links, all, role)) {
    if (event.at - last > PAUSE) {
      finish(began);
      began = event.at;
    }
    last = event.at;
    switch (event.kind) {
      case 'step':
        program[event.step]?.(stage);
        break;
      case 'begin':
        event.link.client = await begin(event.link, node);
        break;
      case 'end':
        event.link.left = true;
        await event.link.client?.close();
        break;
      case 'chunk':
        playChunk(event.link, event.chunk, recorded, node);
        break;
    }
    await settle();
    links.forEach(take);
  }
  finish(began);
  for (const { listening } of links) listening?.server.close();
  return { exchanges, notes, log };
}

function framingsOf(one: Conversation | undefined): readonly string[] {
  return (one?.client[0]?.split(';')[4] ?? '').split(',');
}

function notesOf(all: readonly Conversation[], role: string): readonly Note[] {
  return all.flatMap(({ notes }) => notes[role] ?? []);
}

function recordedAddress(all: readonly Conversation[], role: string): string {
  const configured = notesOf(all, role).find(({ note: [what] }) => what === 'configured');
  return String((configured?.note[2] as Message | undefined)?.[0]);
}

/** The port of the recorded program, by what it has read from the database. */
function recordedPort(all: readonly Conversation[], role: string): string {
  const isPort = (value: unknown): boolean => typeof value === 'string' && value.startsWith(`${role}#`);
  return String(notesOf(all, role).flatMap(({ note }) => note.flat()).find(isPort));
}

/** Everything that happens, in the recorded order; up to where the played node itself ends. */
function eventsOf(links: readonly Connected[], all: readonly Conversation[], role: string): readonly Event[] {
  const steps = notesOf(all, role).flatMap(({ at, note: [what, step] }): Event[] =>
    what === 'step' ? [{ kind: 'step', at, order: 1, step: Number(step) }] : [],
  );
  const ofLinks = links.flatMap((link): Event[] => {
    const { conversation: { chunks, end }, dials } = link;
    const first: Event = { kind: 'begin', at: chunks[0]?.at ?? 0, order: 0, link };
    const said = chunks.filter(({ data }) => data.length > 0);
    const middle = said.map((chunk): Event => ({ kind: 'chunk', at: chunk.at, order: 2, link, chunk }));
    const last: Event[] = end === undefined || end.byClient === dials ? [] : [{ kind: 'end', at: end.at, order: 3, link }];
    return [first, ...middle, ...last];
  });
  // the recordings go on for the others
  const ends = links.flatMap(({ conversation: { end }, dials }) => (end?.byClient === dials ? [end.at] : []));
  const until = Math.min(...ends);
  return [...steps, ...ofLinks].filter(({ at }) => at < until).sort((a, b) => a.at - b.at || a.order - b.order);
}
