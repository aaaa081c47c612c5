import { createNode, type MpNode } from 'rxmp';
import { grpReg } from 'rxmp/compat';
import { silentLog } from 'rxmp/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

/** The family as it is now. */
async function fam(node: MpNode): Promise<object> {
  return Object.fromEntries(await firstValueFrom(node.dbFamily('fam')));
}

describe('S34: a guard takes back only what is still its own', () => {
  it('dbSet: a key that was set again is that setting’s, also to the same value', async () => {
    await using node = await createNode({ log: silentLog });
    for (const [one, two] of [[1, 2], [1, 1], [{ a: 1 }, { a: 1 }]]) {
      const [a, b] = [node.dbSet('fam', 'k', one), node.dbSet('fam', 'k', two)];
      a.unsubscribe();
      expect(await fam(node)).toEqual({ k: two });
      b.unsubscribe();
      expect(await fam(node)).toEqual({});
    }
  });

  it('dbSet: a key that was deleted and set anew is not the first guard’s any more', async () => {
    await using node = await createNode({ log: silentLog });
    const first = node.dbSet('fam', 'k', 1);
    node.dbDel('fam', 'k');
    const second = node.dbSet('fam', 'k', 1);
    first.unsubscribe();
    expect(await fam(node)).toEqual({ k: 1 });
    second.unsubscribe();
    expect(await fam(node)).toEqual({});
  });

  it.each<[string, (node: MpNode, id: string, value: number) => { unsubscribe(): void }]>([
    ['dbReg', (node, id, value) => node.dbReg('fam', id, value)],
    ['grpReg', (node, id) => grpReg(node, 'fam', id)],
  ])('%s: a port that was registered again stays, until it dies', async (_, register) => {
    await using node = await createNode({ log: silentLog });
    const { id } = node.port();
    const first = register(node, id, 1);
    register(node, id, 2);
    first.unsubscribe();
    expect(Object.keys(await fam(node))).toEqual([id]);
    const dead = firstValueFrom(node.mon(id));
    node.kil(id);
    await dead;
    await new Promise((resolve) => setImmediate(resolve));
    expect(await fam(node)).toEqual({});
  });

  it('register: a function that was registered again, be it the same, stays', async () => {
    await using node = await createNode({ log: silentLog });
    let calls = 0;
    const code = (): void => { calls++; };
    const first = node.register('f', code);
    const second = node.register('f', code);
    first.unsubscribe();
    node.sndToFunc(node.id, 'f');
    expect(calls).toBe(1);
    second.unsubscribe();
    node.sndToFunc(node.id, 'f');
    expect(calls).toBe(1);
  });

  it('a subscription of a tag and a handler of it: each takes back itself', async () => {
    await using node = await createNode({ log: silentLog });
    const seen: string[] = [];
    const port = node.port();
    const first = node.rcv(port, 'tag').subscribe(() => seen.push('first'));
    node.rcv(port, 'tag').subscribe(() => seen.push('second'));
    void node.rcv(port, { tag: () => seen.push('handler') });
    first.unsubscribe();
    node.snd(port, 'tag');
    expect(seen).toEqual(['handler', 'second']);
  });

  it('assert: what is asserted twice stays until both have taken it back', async () => {
    await using node = await createNode({ log: silentLog });
    const scope = node.federate<{ readonly type: 'x' }>('room');
    const kinds: string[] = [];
    scope.observe({ type: 'x' }).subscribe(({ kind }) => kinds.push(kind));
    const [a, b] = [scope.assert({ type: 'x' }), scope.assert({ type: 'x' })];
    a.unsubscribe();
    a.unsubscribe();
    expect(kinds).toEqual(['add']);
    b.unsubscribe();
    expect(kinds).toEqual(['add', 'del']);
  });
});
