import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../../../src/wire/errors.js';
import { cut, joined, seeded } from '../../fixtures/chunking.js';
import { decodeAll } from '../../fixtures/decode.js';
import { recordings, type RecordedStream } from '../../fixtures/recordings.js';

const streams = recordings.flatMap((recording) => recording.streams);

function check(stream: RecordedStream, chunks: readonly Uint8Array[]): void {
  const { messages, error } = decodeAll(stream.framing, chunks);
  expect(messages).toEqual(stream.messages);
  if (stream.endsBad) expect(error).toBeInstanceOf(ProtocolError);
  else expect(error).toBeUndefined();
}

describe('recorded streams decode to the recorded messages (wire.md 1.5)', () => {
  it('has them all', () => {
    expect(streams.length).toBeGreaterThan(60);
    expect(streams.filter((stream) => stream.framing === 'cbor').length).toBeGreaterThan(15);
    expect(streams.filter((stream) => stream.endsBad).length).toBe(4);
  });

  it.each(streams)('$name, as it was cut on the wire', (stream) => {
    check(stream, stream.chunks);
  });

  it.each(streams)('$name, in one chunk and octet by octet', (stream) => {
    const all = joined(stream.chunks);
    check(stream, [all]);
    check(stream, Array.from(all, (octet) => Uint8Array.of(octet)));
  });

  it.each(streams)('$name, cut at random, 50 ways', (stream) => {
    const random = seeded(stream.name.length);
    const all = joined(stream.chunks);
    for (let i = 0; i < 50; i++) check(stream, cut(all, 2 ** (i % 12), random));
  });
});
