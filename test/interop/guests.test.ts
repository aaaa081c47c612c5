import { firstValueFrom } from 'rxjs';
import { createNode, type MpNode } from 'rxmp';
import { send } from 'rxmp/guests';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureLog, type CapturedLog } from './log.js';
import { startPerlNode, type PerlNode } from './perl-node.js';

const secret = 'geheim';

describe('G6: a node of AnyEvent::MP behind a gate', () => {
  let gate: MpNode;
  let page: MpNode;
  let perl: PerlNode;
  let log: CapturedLog;
  beforeEach(async () => {
    log = captureLog();
    gate = await createNode({ nodeid: 'gate', binds: ['127.0.0.1:0'], secret, log, guests: { admit: (user) => ({ user, may: [send({ family: 'services' })] }) } });
    const address = gate.addresses[0] ?? '';
    perl = await startPerlNode('perl', { node: 'gate', address }, secret, 'services', ['svc']);
    page = await createNode({ seeds: [address], credentials: 'ada', log });
    await expect.poll(() => page.nodeIsUp('gate')).toBe(true);
    await expect.poll(() => gate.nodeIsUp('perl')).toBe(true);
  });
  afterEach(async () => {
    await page.close();
    await perl[Symbol.asyncDispose]();
    await gate.close();
  });

  it('answers calls of a guest, and is monitored by it', async () => {
    const svc = perl.port('svc', (what, a, b, reply) => { if (what === 'add') perl.snd(String(reply), Number(a) + Number(b)); });
    expect(await firstValueFrom(page.cal(svc, 'add', 1, 2))).toEqual([3]);
    const reason = firstValueFrom(page.mon(svc));
    // the monitor has arrived when a call has been there and back
    expect(await firstValueFrom(page.cal(svc, 'add', 20, 22))).toEqual([42]);
    perl.kil(svc, 'done', 'for', 'today');
    expect(await reason).toEqual(['done', 'for', 'today']);
    expect(await firstValueFrom(page.mon(svc))).toEqual(['no_such_port', 'message to nonexistent port']);
    expect(perl.unknown).toEqual([]);
  });

  it('sends to a guest what it likes, and introduces it to another port', async () => {
    const got: unknown[] = [];
    const other = perl.port('other', (...message) => { got.push(['other', ...message]); });
    const svc = perl.port('svc', (what, inbox) => { if (what === 'hello') perl.snd(String(inbox), 'meet', other); });
    // of this one it was not told
    expect(await firstValueFrom(page.mon(other))).toEqual(['forbidden', other]);
    const inbox = page.port((...message: unknown[]) => { got.push(message); });
    page.snd(svc, 'hello', inbox.id);
    await expect.poll(() => got).toEqual([['meet', other]]);
    page.snd(other, 'hello', 'yourself');
    await expect.poll(() => got.slice(1)).toEqual([['other', 'hello', 'yourself']]);
    for (let i = 0; i < 20; i++) perl.snd(inbox.id, i);
    await expect.poll(() => got.slice(2)).toEqual(Array.from({ length: 20 }, (_, i) => [i]));
    expect(perl.unknown).toEqual([]);
  });

  it('sees a guest as a node with an id and a greeting like any other, which goes when the guest goes', async () => {
    const svc = perl.port('svc', (_, reply) => { perl.snd(String(reply), 'here'); });
    expect(await firstValueFrom(page.cal(svc, 'are you there'))).toEqual(['here']);
    expect([...perl.greetings.keys()]).toEqual([page.id]);
    expect(perl.greetings.get(page.id)).toMatch(/^aemp;1;guest:[\w-]+;[a-z0-9_,]*hmac_sha3_512[a-z0-9_,]*;[a-z0-9_,]*json[a-z0-9_,]*;/);
    expect(gate.guest(page.id)).toEqual({ user: 'ada', gate: 'gate' });
    await page.close();
    await expect.poll(() => gate.guest(page.id)).toBeUndefined();
    expect(perl.unknown).toEqual([]);
  });
});
