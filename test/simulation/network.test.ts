import { expect, it } from 'vitest';
import { createNetwork } from 'rxmp/testing';

it('runs', async () => {
 await using network = createNetwork({ seed: 1 });
 const a = await network.node('a');
 const b = await network.node('b', { seeds: ['a'] });
 await network.until(() => b.nodeIsUp('a') === true, 1_000);
 const seen: string[] = [];
 b.mon('a', (...reason) => seen.push(reason.join(' ')));
 network.partition(['a'], ['b']);
 await network.run(1_000);
 network.heal();
 await network.until(() => a.nodeIsUp('b') === true, 5_000);
 network.crash('a', { silent: true });
 await network.until(() => b.nodeIsUp('a') === false, 1_000);
 await network.restart('a');
 await network.until(() => b.nodeIsUp('a') === true, 5_000);
 network.freeze('a');
 await network.until(() => b.nodeIsUp('a') === false, 1_000);
 network.thaw('a');
 await network.until(() => b.nodeIsUp('a') === true, 5_000);
 network.crash('a');
 await network.until(() => b.nodeIsUp('a') === false, 20);
 expect(seen).toHaveLength(1);
});
