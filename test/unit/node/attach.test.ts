import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createNode, type AttachablePort } from '../../../src/index.js';
import { silentLog } from '../../../src/testing/index.js';

const ports = () => {
  const { port1, port2 } = new MessageChannel();
  return [port1 as AttachablePort, port2 as AttachablePort] as const;
};

describe('V18: a MessagePort is a connection', () => {
  it('of two nodes without a secret, which call each other', async () => {
    const [left, right] = ports();
    await using one = await createNode({ nodeid: 'one', log: silentLog });
    one.attach(left);
    await using other = await createNode({ nodeid: 'other', attach: [right], log: silentLog });
    other.register('demo::greet', (_, name, reply) => other.snd(String(reply), `hello ${String(name)}`));
    expect(await firstValueFrom(one.cal('other', 'demo::greet', 'ada'))).toEqual(['hello ada']);
  });
});
