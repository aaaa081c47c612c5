import { describe, expect, it } from 'vitest';
import { createWorld } from '../../../marbles/world.js';
import { oneLine } from '../../../src/cli/exit.js';
import { describeReason } from '../../../src/kernel/core/message.js';
import { printable, printableLines, shown } from '../../../src/wire/printable.js';

/** Moves the cursor, sets a title, turns the direction of text, ends the line. */
const HOSTILE = '\u001b[2J\u001b]0;title\u0007\u009b1m\u202Eevil\u2066\u2028\u0085\r\n\u0000\u007f';
 
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069]/;

describe('what comes from outside', () => {
  it('is printed without characters that do something', () => {
    expect(printable(HOSTILE)).not.toMatch(ACTIVE);
    expect(printable(HOSTILE)).toContain('\\u001b[2J\\u001b]0;title\\u0007\\u009b1m\\u202eevil');
    expect(printable('äöü — 日本 😀')).toBe('äöü — 日本 😀');
    expect(printableLines(`a\tb\n${HOSTILE}`).replace(/[\t\n]/g, '')).not.toMatch(ACTIVE);
    expect(printableLines('a\tb\nc')).toBe('a\tb\nc');
    expect(shown(HOSTILE)).not.toMatch(ACTIVE);
    expect(shown('x'.repeat(1_000)).length).toBeLessThan(210);
    expect(describeReason(['die', HOSTILE, { deep: [HOSTILE] }])).not.toMatch(ACTIVE);
    expect(oneLine(new Error(HOSTILE)).trimEnd()).not.toMatch(ACTIVE);
  });

  it('is no raw line in the log, whatever a peer asks for', async () => {
    const world = createWorld();
    const node = await world.start('node');
    const peer = await world.start('peer', { seeds: ['memory://node'] });
    world.clock.runFor(1_000);
    const port = node.rcv(node.port(), { fail: (text: string) => { throw new Error(text); } });
    peer.spawn('node', HOSTILE, HOSTILE);
    peer.snd(port, 'fail', HOSTILE);
    peer.kil(node.port(), HOSTILE, { [HOSTILE]: HOSTILE });
    peer.snd('node', HOSTILE, HOSTILE);
    world.clock.runFor(1_000);
    expect(node.log.lines.length).toBeGreaterThan(3);
    for (const line of node.log.lines) expect(line).not.toMatch(ACTIVE);
    expect(node.log.lines.join()).toContain('\\u001b');
    await world.close();
  });
});
