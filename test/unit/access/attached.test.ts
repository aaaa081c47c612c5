import { createNode, type MpNode } from 'rxmp';
import { send, type Admission } from 'rxmp/guests';
import { silentLog } from 'rxmp/testing';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';

const open: MpNode[] = [];
afterEach(async () => { await Promise.all(open.splice(0).map((node) => node.close())); });
async function started(made: Promise<MpNode>): Promise<MpNode> {
  const node = await made;
  open.push(node);
  return node;
}

describe('V18, G1: at a port that is not trusted there is a guest', () => {
  const admit = (user: string): Admission | undefined => (user === 'ada' ? { user, may: [send('gate/1#lobby')] } : undefined);

  it('who shows credentials, and may do what they allow', async () => {
    const { port1, port2 } = new MessageChannel();
    const gate = await started(createNode({ nodeid: 'gate/1', log: silentLog, guests: { admit } }));
    gate.attach(port1, { trusted: false });
    const frame = await started(createNode({ attach: [port2], credentials: 'ada', log: silentLog }));
    await firstValueFrom(frame.status$.pipe(filter(({ status }) => status === 'connected')));
    const [guest] = await firstValueFrom(gate.guests$.pipe(filter((guests) => guests.length > 0)));
    expect(guest).toMatchObject({ user: 'ada', id: frame.id });
    const secret = gate.port(() => undefined);
    expect(await firstValueFrom(frame.mon(secret.id))).toEqual(['forbidden', secret.id]);
    expect(gate.guest(frame.id)).toEqual({ user: 'ada', gate: 'gate/1' });
  });

  it('and nobody else comes in there', async () => {
    const { port1, port2 } = new MessageChannel();
    const gate = await started(createNode({ nodeid: 'gate/1', log: silentLog, guests: { admit } }));
    gate.attach(port1, { trusted: false });
    const node = await started(createNode({ attach: [port2], log: silentLog }));
    const { why } = await firstValueFrom(node.status$.pipe(filter((now) => now.status === 'connecting' && now.why !== undefined))) as { why: { code: string } };
    expect([why.code, gate.upNodes()]).toEqual(['no_common_method', []]);
  });
});
