import { read, send, spawn } from 'rxmp/guests';
import { createNetwork } from 'rxmp/testing';
import { describe, expect, it } from 'vitest';
import { REVOKE_GUESTS, SHOW_GUESTS } from '../../../src/access/gate/desk-names.js';

describe('G7: what other nodes ask a gate', () => {
  it('is who its guests are, and to send some away; guests may not ask that', async () => {
    await using network = createNetwork();
    const may = [send('gate#lobby'), spawn('*'), read('*')];
    const worker = await network.node('worker');
    await network.node('gate', { seeds: ['worker'], guests: { admit: (user: string) => ({ user, may }) } });
    const [ada, bob] = [await network.node('ada', { seeds: ['gate'], credentials: 'ada' }), await network.node('bob', { seeds: ['gate'], credentials: 'bob' })];
    await network.until(() => ada.nodeIsUp('gate') === true && bob.nodeIsUp('gate') === true && worker.nodeIsUp('gate') === true, 5_000);

    const answers: unknown[] = [];
    const ask = async (...message: [string, ...unknown[]]) => {
      const before = answers.length;
      worker.cal('gate', ...message, { timeout: 1_000 }).subscribe({ next: ([answer]) => answers.push(answer), error: (error: unknown) => answers.push((error as Error).name) });
      await network.until(() => answers.length > before, 5_000);
      return answers.at(-1);
    };
    const [report] = (await ask(SHOW_GUESTS, 'ada')) as [unknown];
    expect(report).toEqual({ guest: ada.id, user: 'ada', remoteAddress: expect.any(String), since: expect.any(Number), expires: null, may, counts: expect.objectContaining({ messages: expect.any(Number), refused: 0 }) });
    expect(await ask(SHOW_GUESTS, bob.id)).toMatchObject([{ user: 'bob' }]);
    expect(await ask(SHOW_GUESTS, 'nobody')).toEqual([]);
    // who asks nonsense gets no answer, and harms nothing
    expect(await ask(SHOW_GUESTS, 5)).toBe('CallTimeout');
    worker.sndToFunc('gate', REVOKE_GUESTS, 'ada', 'because', 'no port');

    const refused: unknown[] = [];
    for (const name of [SHOW_GUESTS, REVOKE_GUESTS, `main::${REVOKE_GUESTS}`]) {
      bob.cal('gate', name, 'ada', 'because', { timeout: 1_000 }).subscribe({ next: (answer) => refused.push(answer), error: () => refused.push('no answer') });
      bob.mon(bob.spawn('gate', name, 'ada', 'because', bob.port(() => undefined).id)).subscribe(([kind]) => refused.push(kind));
    }
    await network.until(() => refused.length === 6, 5_000);
    expect([...refused].sort()).toEqual(['forbidden', 'forbidden', 'forbidden', 'no answer', 'no answer', 'no answer']);

    const states: unknown[] = [];
    ada.status$.subscribe((now) => states.push(now));
    expect(await ask(REVOKE_GUESTS, 'ada', 'bad manners')).toBe(1);
    await network.until(() => JSON.stringify(states).includes('bad manners'), 5_000);
    expect(bob.nodeIsUp('gate')).toBe(true);
    expect(await ask(REVOKE_GUESTS, bob.id, null)).toBe(1);
    await network.until(() => bob.nodeIsUp('gate') !== true, 5_000);
    expect(await ask(REVOKE_GUESTS, 'ada', null)).toBe(0);
  });
});
