import { NEVER, Subject, concat, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Duplex } from '../../../src/transport/duplex.js';
import { createInbox } from '../../../src/transport/inbox.js';
import { createReader, type Reader } from '../../../src/transport/reader.js';
import type { Encoded } from '../../../src/wire/message.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A reader that takes four octets at once; each octet is a message. */
function reading(): { readonly reader: Reader; readonly seen: string[]; readonly push: (text: string) => void; end(): void; turn(): void; decoded(octet: string, task: () => void): void } {
  let tasks: (() => void)[] = [];
  const seen: string[] = [];
  const inbox = createInbox<Encoded>();
  let at: readonly [string, () => void] | undefined;
  const reader = createReader({ turn: (task) => void tasks.push(task) }, {
    message: () => undefined,
    read: (octets) => void seen.push(`(${octets})`),
    bad: () => undefined,
    ended: () => void seen.push('END'),
    drained: () => undefined,
  }, 4);
  const duplex = { drained$: new Subject<void>() } as unknown as Duplex;
  reader.attach(duplex, bytes('early'), inbox.incoming$, {
    push(chunk) {
      for (const octet of new TextDecoder().decode(chunk as Uint8Array)) {
        seen.push(octet);
        if (octet === at?.[0]) at[1]();
      }
    },
  });
  reader.start((decode) => { decode(); });
  return {
    reader, seen,
    push: (text) => { inbox.push(bytes(text)); },
    end: () => { inbox.end(); },
    turn() {
      const due = tasks;
      tasks = [];
      for (const task of due) task();
    },
    decoded: (octet, task) => { at = [octet, task]; },
  };
}

describe('G12: of a long chunk so many octets are taken in one turn', () => {
  it('and the rest in the next ones, before what comes behind it', () => {
    const { seen, push, end, turn } = reading();
    push('0123456789');
    push('abc');
    end();
    expect(seen.join('')).toBe('earl(4)');
    turn();
    expect(seen.join('')).toBe('earl(4)y(1)0123(4)');
    turn();
    expect(seen.join('')).toBe('earl(4)y(1)0123(4)4567(4)');
    turn();
    expect(seen.join('')).toBe('earl(4)y(1)0123(4)4567(4)89(2)abc(3)END');
  });

  it('also where reading stops and goes on in the middle, or between two turns', () => {
    const { reader, seen, push, turn, decoded } = reading();
    turn();
    decoded('2', () => {
      reader.pause();
      reader.resume();
    });
    push('0123456789');
    push('abc');
    expect(seen.slice(-5).join('')).toBe('0123(4)');
    reader.pause();
    turn();
    expect([seen.slice(-5).join(''), reader.isRead]).toEqual(['0123(4)', false]);
    reader.resume();
    expect(seen.slice(-5).join('')).toBe('4567(4)');
    reader.resume();
    expect(seen.slice(-5).join('')).toBe('4567(4)');
    turn();
    expect(reader.isRead).toBe(true);
    expect(seen.join('').endsWith('4567(4)89(2)abc(3)')).toBe(true);
  });

  it('of another connection nothing is mixed with the rest', () => {
    const { reader, seen, push, turn } = reading();
    turn();
    push('0123456789');
    reader.detach();
    reader.attach({ drained$: NEVER } as unknown as Duplex, bytes(''), concat(of(bytes('next')), NEVER), { push: (chunk) => void seen.push(new TextDecoder().decode(chunk as Uint8Array)) });
    turn();
    expect(seen.join('').endsWith('0123(4)next(4)')).toBe(true);
  });
});
