import { fileURLToPath } from 'node:url';
import { createNode, type MpNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { filter, firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ending, rxmp, startChild, startNode, type Ended, type NodeChild } from './children.js';
import { becomes, done, envOf, SECRET, startListener } from './command-network.js';

const AUTH = fileURLToPath(new URL('auth.js', import.meta.url));
const env = { RXMP_SECRET: SECRET };

let hub: NodeChild;
let gate: NodeChild;
const pages: MpNode[] = [];
let ada: MpNode;
let bob: MpNode;

/** A guest that is in. */
async function visitor(credentials: string): Promise<MpNode> {
  const node = await createNode({ seeds: [gate.addresses[0]!], credentials, log: silentLog });
  pages.push(node);
  await firstValueFrom(node.status$.pipe(filter(({ status }) => status === 'connected')));
  return node;
}

const visit = (...args: readonly string[]): Promise<Ended> => rxmp(['guests', ...args], { env: envOf(hub) });

beforeAll(async () => {
  hub = await startListener('hub', '127.0.0.1:0');
  gate = await startNode(['nodeid', 'gate', 'binds', 'ws://127.0.0.1:0/mp', 'seeds', hub.addresses[0]!, 'guests', AUTH], { env });
  [ada, bob] = [await visitor('ada'), await visitor('bob')];
  await becomes(async () => (await visit('--json')).stdout.split('guest:').length === 3);
});
afterAll(() => Promise.all(pages.map((page) => page.close())));

describe('rxmp run with guests', () => {
  it('is a gate, also without a secret', async () => {
    const { id } = await startNode(['nodeid', 'open', 'binds', 'ws://127.0.0.1:0/mp', 'guests', `${AUTH}#later`]);
    expect(id).toBe('open');
  });

  it('refuses who is not let in, with the reason of its module', async () => {
    const stranger = await createNode({ seeds: [gate.addresses[0]!], credentials: 'mallory', log: silentLog });
    pages.push(stranger);
    const { why } = (await firstValueFrom(stranger.status$.pipe(filter((now) => now.status === 'connecting' && now.why !== undefined)))) as { why: { text: string } };
    expect(why.text).toContain('not you');
  });

  it.each<[module: string, text: RegExp]>([
    ['./none.js', /guests "\.\/none\.js" can't be loaded: /],
    [`${AUTH}#nobody`, /exports no object "nobody" with a function "admit", only default, guests, later, nonsense$/],
    [`${AUTH}#nonsense`, /exports no object "nonsense" with a function "admit"/],
  ])('says which module is not one: %s', async (module, text) => {
    const { code, stdout, stderr } = await rxmp(['run', 'binds', 'ws://127.0.0.1:0/mp', 'guests', module]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trim()).toMatch(text);
  });
});

describe('rxmp guests', () => {
  it('lists the guests of all gates, by user', async () => {
    const { code, stdout, stderr } = await visit();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const time = String.raw`\d{4}-\d\d-\d\dT[\d:.]+Z`;
    expect(stdout).toMatch(new RegExp(`^${ada.id}\tada\tgate\t${time}\n${bob.id}\tbob\tgate\t${time}\n$`));
    const json = [ada, bob].map(({ id }, i) => ({ guest: id, user: ['ada', 'bob'][i], gate: 'gate', since: expect.any(Number) }));
    expect(JSON.parse((await visit('--json')).stdout)).toEqual(json);
    expect(JSON.parse((await visit('list', '--json')).stdout)).toEqual(json);
  });

  it('shows what one may do, and has done', async () => {
    const { code, stdout, stderr } = await visit('show', 'ada');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.slice(0, 9).trim())).toEqual(['guest', 'user', 'gate', 'address', 'since', 'expires', 'may', '', '', '', 'counts']);
    expect(lines.map((line) => line.slice(9))).toEqual([
      ...[ada.id, 'ada', 'gate', expect.stringMatching(/^127\.0\.0\.1:\d+$/), expect.stringContaining('T'), '2100-01-01T00:00:00.000Z'],
      ...['send("gate#lobby")', 'spawn("*")', 'read("rooms:*")', 'write("presence", { key: "ada" })'],
      expect.stringMatching(/^messages \d+, refused 0, ports 0, monitors 0, spawned 0, nodes 0, families 0, keys 0$/),
    ]);
    const [json] = JSON.parse((await visit('show', bob.id, '--json')).stdout) as [object];
    expect(json).toMatchObject({ guest: bob.id, user: 'bob', gate: 'gate', expires: 4_102_444_800_000, counts: { refused: 0 } });
    expect(json).toMatchObject({ may: expect.arrayContaining([{ kind: 'write', family: 'presence', key: 'bob' }]) });
  });

  it('sends one away, which is told why and does not come again', async () => {
    const [cid, again] = [await visitor('cid'), await visitor('cid')];
    await becomes(async () => (await visit()).stdout.split('\tcid\t').length === 3);
    const alone = [cid, again].map((page) => firstValueFrom(page.status$.pipe(filter(({ status }) => status === 'alone'))));
    const { stdout, ...end } = await visit('revoke', 'cid', 'bad', 'manners');
    expect(end).toEqual({ code: 0, signal: null, stderr: '' });
    expect(stdout.trimEnd().split('\n').map((line) => line.split('\t')[0]).sort()).toEqual([cid.id, again.id].sort());
    expect(JSON.stringify(await Promise.all(alone)).match(/bad manners/g)).toHaveLength(2);
    await becomes(async () => (await visit()).stdout.split('\n').length === 3);
    expect(await visit('revoke', 'cid')).toMatchObject({ code: 1, stdout: '', stderr: 'rxmp: there is no guest "cid": expected an id or a user of "rxmp guests"\n' });
  });

  it('says who is not there, with exit code 1', async () => {
    const { code, stdout, stderr } = await visit('show', 'nobody');
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: 'rxmp: there is no guest "nobody": expected an id or a user of "rxmp guests"\n' });
  });

  it('prints nothing where there is none, and ends with 3 when a gate does not answer', async () => {
    const lonely = await startListener('lonely', '127.0.0.1:0');
    expect(await rxmp(['guests'], { env: envOf(lonely) })).toEqual(done(''));
    gate.kill('SIGSTOP');
    try {
      expect(await visit('show', 'ada', '--timeout', '3')).toMatchObject({ code: 3, stdout: '', stderr: 'rxmp: the gate gate gave no answer within 3000 ms\n' });
    } finally {
      gate.kill('SIGCONT');
    }
  });
});

describe('rxmp/guests', () => {
  it('loads no jose before jwtGuests is called, which says that it is missing', async () => {
    const hook = `export async function resolve(name, context, next) {
      if (name === 'jose') throw Object.assign(new Error("Cannot find package 'jose'"), { code: 'ERR_MODULE_NOT_FOUND' });
      return next(name, context);
    }`;
    const program = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
      const { jwtGuests, send, describeRight } = await import('rxmp/guests');
      console.log(describeRight(send('gate#lobby')));
      await jwtGuests({ key: 'x'.repeat(32), claims: () => undefined }).catch(({ message }) => console.log(message));`;
    const { code, stdout, stderr } = await ending(startChild(['--input-type=module', '--eval', program]));
    expect({ code, stderr, stdout }).toEqual({ code: 0, stderr: '', stdout: 'send("gate#lobby")\njwtGuests needs the package "jose": npm install jose\n' });
  });
});
