import { filter, firstValueFrom, map } from 'rxjs';
import { createNode, type IncomingStream, type MpNode, type NodeOptions, type Port, type PortStream } from 'rxmp';
import { silentLog } from 'rxmp/testing';

/** Where the nodes of a stream are to each other. */
export type Place = 'the same node' | 'a node that listens' | 'a node that does not listen' | 'behind a relay' | 'behind a relay, in CBOR';

export const PLACES: readonly Place[] = ['the same node', 'a node that listens', 'a node that does not listen', 'behind a relay', 'behind a relay, in CBOR'];

/** Two nodes, or one twice. */
export interface Both extends AsyncDisposable {
  /** Opens streams. */
  readonly a: MpNode;
  /** Takes them. */
  readonly b: MpNode;
}

const SECRET = 'only for this test';
const start = (options: NodeOptions): Promise<MpNode> => createNode({ secret: SECRET, log: silentLog, ...options });
const LISTENS = { binds: ['127.0.0.1:0'] };

async function nodesAt(place: Place): Promise<readonly MpNode[]> {
  if (place === 'the same node') {
    const node = await start({});
    return [node, node];
  }
  if (place === 'a node that listens') {
    const b = await start(LISTENS);
    return [await start({ seeds: b.addresses }), b];
  }
  if (place === 'a node that does not listen') {
    const a = await start(LISTENS);
    return [a, await start({ seeds: a.addresses })];
  }
  const framings = place === 'behind a relay' ? {} : { framings: ['cbor'] };
  const hub = await start({ ...LISTENS, global: true, ...framings });
  return [await start({ seeds: hub.addresses, ...framings }), await start({ seeds: hub.addresses, ...framings }), hub];
}

export async function startBoth(place: Place): Promise<Both> {
  const nodes = await nodesAt(place);
  const [a, b] = nodes as [MpNode, MpNode];
  return {
    a,
    b,
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.close();
    },
  };
}

/** A port that takes streams, and the first that comes; the other node can reach it. */
export async function taker<T = Uint8Array>({ a, b }: Both): Promise<{ readonly port: Port; readonly taken: Promise<IncomingStream<T>> }> {
  const port = b.port();
  const taken = firstValueFrom(b.streams<T>(port));
  taken.catch(() => undefined);
  if (a !== b) await reached(a, b, port);
  return { port, taken };
}

async function reached(a: MpNode, b: MpNode, port: Port): Promise<void> {
  // private nodes tell the database through whom they are reached, after they have connected
  if (!a.nodeIsUp(b.id) && a.upNodes().length === 0) await firstValueFrom(a.monNodes().pipe(filter(({ up }) => up)));
  b.dbReg('takers', port);
  await firstValueFrom(a.dbMon('takers').pipe(filter(({ family }) => family.has(port.id)), map(() => undefined)));
}

/** All that comes from a stream, as one. */
export async function contentOf(readable: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return Uint8Array.from(Buffer.concat(chunks));
}

/** Writes and closes. */
export async function send<T>({ writable }: PortStream<T>, ...values: readonly T[]): Promise<void> {
  const writer = writable.getWriter();
  for (const value of values) await writer.write(value);
  await writer.close();
}

/** What a promise was rejected with; fails when it was not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const value = await promise.then((resolved) => ({ resolved }), (error: unknown) => ({ error }));
  if ('error' in value) return value.error;
  throw new Error(`it should have failed, and gave ${JSON.stringify(value.resolved)}`);
}

/** Octets that are no UTF-8 as a whole, of any length. */
export const octets = (length: number, salt = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) + salt) % 256);
