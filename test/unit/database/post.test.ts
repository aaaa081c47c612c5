import { describe, expect, it } from 'vitest';
import { createPost } from '../../../src/database/post.js';
import type { Env } from '../../../src/env/env.js';
import { defaultLimits, type Limits } from '../../../src/env/limits.js';
import type { Kernel } from '../../../src/kernel/kernel.js';
import { RUN_KEY } from '../../../src/transport/handshake.js';
import type { DatabaseRequest } from '../../../src/wire/database.js';
import { MessageTooLarge } from '../../../src/wire/errors.js';

const content = new Map(['a', 'b', 'c', 'd'].map((key) => [key, 1]));
const long: DatabaseRequest = { kind: 'g_chg1', family: 'fam', content, more: false };

/** The post of `self`; nodes of rxmp begin with rx, those that are gone with gone. `fails` is what sending throws. */
function make({ limits = {}, fails }: { limits?: Partial<Limits>; fails?: () => unknown } = {}) {
  const sent: (readonly [string, ...unknown[]])[] = [];
  const peers = {
    isUp: (node: string) => !node.startsWith('gone'),
    linkTo: (node: string) => (node.startsWith('gone') ? undefined : { peer: { keys: new Map(node.startsWith('rx') ? [[RUN_KEY, `run of ${node}`]] : []) } }),
    get: (node: string) => ({
      send(port: string, message: readonly unknown[]) {
        if (fails !== undefined) throw fails();
        sent.push([node, port, ...message]);
      },
    }),
    blame: (node: string, why: string) => sent.push([node, 'blamed', why]),
  };
  const post = createPost({
    env: { limits: { ...defaultLimits, ...limits } } as unknown as Env,
    kernel: { id: 'self', peers } as unknown as Kernel,
    local: (request) => sent.push(['self', request]),
  });
  return { post, sent: () => sent.splice(0) };
}

describe('requests to other nodes', () => {
  it('leave in the form that each understands; this node gets them as they are', () => {
    const { post, sent } = make();
    post.send(['rx1', 'perl', 'self', 'gone', 'rx2'], long);
    const flat = ['a', 1, 'b', 1, 'c', 1, 'd', 1];
    expect(sent()).toEqual([
      ['rx1', '', 'g_chg1', 'fam', flat],
      ['perl', '', 'g_chg1', 'fam', Object.fromEntries(content)],
      ['self', long],
      ['rx2', '', 'g_chg1', 'fam', flat],
    ]);
    post.send([], long);
    expect(sent()).toEqual([]);
  });

  it('are encoded once for all who understand the same', () => {
    const { post, sent } = make();
    post.send(['rx1', 'rx2', 'perl1', 'perl2'], long);
    const [rx1, rx2, perl1, perl2] = sent().map((message) => message.at(-1));
    expect([rx1 === rx2, perl1 === perl2, rx1 === perl1]).toEqual([true, true, false]);
  });

  // nine octets for each entry
  it.each<[Partial<Limits>, number]>([
    [{}, 1],
    [{ databasePiece: 36 }, 1], [{ databasePiece: 35 }, 2], [{ databasePiece: 18 }, 2], [{ databasePiece: 17 }, 4],
    [{ messageSize: 36 * 16 }, 1], [{ messageSize: 36 * 16 - 1 }, 2],
    [{ messageItems: 72 }, 1], [{ messageItems: 71 }, 2],
  ])('are cut into pieces that fit into messages: %j', (limits, count) => {
    const { post, sent } = make({ limits });
    post.send(['rx', 'perl'], long);
    const messages = sent();
    expect(messages.map(([node]) => node)).toEqual([...new Array<string>(count).fill('rx'), ...new Array<string>(count).fill('perl')]);
    // the first of several says that more will come
    expect(messages[0]?.[5]).toBe(count > 1 ? true : undefined);
  });

  it.each([
    ['MessageTooLarge', () => new MessageTooLarge('too large'), 'too large'],
    ['TypeError', () => new TypeError('no value'), 'no value'],
  ])('that cannot be sent (%s) end the connection, once, and others get theirs', (_, fails, text) => {
    const { post, sent } = make({ fails, limits: { databasePiece: 9 } });
    post.send(['rx', 'self', 'perl'], long);
    expect(sent()).toEqual([['rx', 'blamed', `g_chg1 can't be sent: ${text}`], ['self', long], ['perl', 'blamed', `g_chg1 can't be sent: ${text}`]]);
  });

  it('and faults of rxmp are told', () => {
    const { post } = make({ fails: () => new RangeError('a fault') });
    expect(() => { post.send(['rx'], long); }).toThrow(new RangeError('a fault'));
  });

  it('know which nodes are of rxmp, by their run', () => {
    const { post } = make();
    expect(['rx', 'perl', 'gone'].map((node) => [post.isRxmp(node), post.runOf(node)])).toEqual([[true, 'run of rx'], [false, undefined], [false, undefined]]);
  });
});
