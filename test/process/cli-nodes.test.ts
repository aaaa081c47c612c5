import { createNode } from 'rxmp';
import { silentLog } from 'rxmp/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { exitCode } from '../../src/cli/exit.js';
import { createProgram } from '../../src/cli/program.js';
import { clockLine, tripsLine } from '../../src/cli/trips.js';
import { rxmp } from './children.js';
import { becomes, done, envOf, SECRET, startCommandNetwork, startListener } from './command-network.js';

const { hub, other, member, guest, visit } = await startCommandNetwork();

describe('rxmp nodes', () => {
  it('lists all nodes but itself, private ones with the nodes through which they are reached (V8)', async () => {
    const plain = await startListener('a/plain', '127.0.0.1:0', hub);
    const expected = [
      { node: 'a/plain', global: false, addresses: [...plain.addresses, 'via:hub'] },
      { node: 'hub', global: true, addresses: hub.addresses },
      { node: 'other', global: true, addresses: other.addresses },
      { node: guest.id, global: false, addresses: ['via:other'] },
      { node: 'zzzzzz', global: false, addresses: ['via:hub'] },
    ].sort((one, two) => (one.node < two.node ? -1 : 1));
    await becomes(async () => (await firstValueFrom(member.dbKeys("'l"))).length === 3);
    await becomes(async () => (await firstValueFrom(member.dbKeys("'r"))).length === 3);
    await becomes(async () => (await firstValueFrom(member.dbKeys("'g"))).includes('other'));
    expect(JSON.parse((await visit('nodes', '--json')).stdout)).toEqual(expected);
    expect(await visit('nodes')).toEqual(
      done(expected.map(({ node, global, addresses }) => `${node}\t${global ? 'global' : '-'}\t${addresses.join(',')}\n`).join('')),
    );
  });

  it('shows a global node without listeners', async () => {
    await using quiet = await createNode({ nodeid: 'quiet', global: true, seeds: [hub.addresses[0]!], secret: SECRET, log: silentLog });
    await becomes(async () => (await firstValueFrom(member.dbKeys("'g"))).includes(quiet.id));
    expect((await visit('nodes')).stdout).toContain('quiet\tglobal\t-\n');
  });
});

describe('rxmp trace', () => {
  it('says how a node is reached, and how it does', async () => {
    const { code, stdout, stderr } = await visit('trace', 'other', '--count', '3');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [hubAddress, otherAddress] = [hub.addresses[0]!, other.addresses[0]!];
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ +/)[0])).toEqual(['seed', 'addresses', 'connection', 'trips', 'clock']);
    const [seed, addresses, connection, trips, clock] = lines as [string, string, string, string, string];
    expect(seed).toMatch(/^seed +\d+\.\d ms {2}hub at /);
    expect(seed).toContain(`${hubAddress}, rxmp-`);
    expect(addresses).toMatch(new RegExp(`ms {2}${otherAddress.replaceAll('.', '\\.')}$`));
    expect(connection).toContain(`other at ${otherAddress}, rxmp-`);
    expect(connection).toMatch(/, rxmp_sha3_512, rxmp_json$/);
    expect(trips).toMatch(/ 3 times: min [\d.]+ ms, median [\d.]+ ms, max [\d.]+ ms$/);
    expect(clock).toMatch(/the same as here, within [\d.]+ ms$/);
  });

  it('names the step that fails, and says why', async () => {
    const nobody = await visit('trace', 'nobody');
    expect(nobody.stdout).toMatch(/^seed .*\naddresses .*none: .*\n$/);
    expect(nobody).toMatchObject({ code: 1, stderr: expect.stringMatching(/^rxmp: connection: .*nobody: no known address: it is not there, or it listens nowhere \(it has no binds\)\n$/) });
  });

  it('ends with 3 when the node does not answer', async () => {
    const frozen = await startListener('ice', '127.0.0.1:0', hub);
    await becomes(async () => (await firstValueFrom(member.dbKeys("'l"))).includes('ice'));
    frozen.kill('SIGSTOP');
    const { code, stdout, stderr } = await visit('trace', 'ice', '--timeout', '3');
    expect(stdout).toContain(frozen.addresses[0]!);
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'rxmp: connection: no message from ice within 3000 ms\n' });
  });

  it('sums up round trips', () => {
    const trip = (took: number, off = 0) => ({ sent: 1_000, took, time: 1_000 + took / 2 + off });
    expect(tripsLine([trip(4)])).toBe('once: min 4.00 ms, median 4.00 ms, max 4.00 ms');
    expect(tripsLine([trip(30), trip(1), trip(2), trip(5)])).toBe('4 times: min 1.00 ms, median 3.50 ms, max 30 ms');
    // the fastest tells
    expect(clockLine([trip(50, 900), trip(2, 70), trip(9, -400)])).toBe('70 ms ahead, within 2.00 ms');
    expect(clockLine([trip(2, -5_000)])).toBe('5000 ms behind, within 2.00 ms');
    expect(clockLine([trip(2, 1.5)])).toBe('the same as here, within 2.00 ms');
    expect(clockLine([trip(2, NaN)])).toBe('unknown: the answer was no time');
  });
});

describe('what goes wrong', () => {
  it('end with 3 and the reason when the network is not there in time', async () => {
    const gone = await startListener('gone', '127.0.0.1:0');
    gone.kill('SIGKILL');
    await gone.ended;
    const commands = ['db keys f', 'db mon f', 'db set f k', 'db del f k', 'nodes', 'trace hub'];
    const ended = await Promise.all(commands.map((command) => rxmp([...command.split(' '), '--timeout', '1'], { env: envOf(gone), timeout: 25_000 })));
    for (const { code, stdout, stderr } of ended) {
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toMatch(/^rxmp: .*the network was not reached within 1000 ms: .*refused.*\n$/);
    }
  });

  it('V12: says why it waits when that takes longer', async () => {
    const gone = await startListener('gone', '127.0.0.1:0');
    gone.kill('SIGKILL');
    await gone.ended;
    const { stderr } = await rxmp(['nodes', '--timeout', '3'], { env: envOf(gone) });
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^rxmp: waiting for a connection: seed 127\.0\.0\.1:\d+ is not connected: .*refused/),
      expect.stringMatching(/^rxmp: the network was not reached within 3000 ms: seed .*refused/),
    ]);
  });

  it('says that the secret is wrong', async () => {
    const { code, stderr } = await visit('nodes', '--secret', 'wrong', '--timeout', '1');
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('wrong secret') });
  });

  it.each<[what: string, args: string[], line: RegExp]>([
    ['a bad family', ['db', 'keys', '5x'], /"5x" is no family/],
    ['a family of the network', ['db', 'set', "'g", 'k'], /"'g" is a family of the network itself: it can only be read/],
    ['an empty key', ['db', 'set', 'f', ''], /no key: expected a text that is not empty/],
    ['a bad node id', ['trace', 'hub#port'], /a node id is/],
    ['no command', ['db'], /Usage: rxmp db/],
  ])('%s: exit code 2', async (_, args, line) => {
    const { code, stdout, stderr } = await visit(...args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(line) });
  });

  it.each<[what: string, args: string[], line: RegExp]>([
    ['no seeds', ['nodes', '--seeds', ''], /--seeds.*RXMP_SEEDS/],
    ['a bad count', ['db', 'mon', 'f', '--count', '0'], /--count is "0": expected a whole number/],
    ['a bad number of trips', ['trace', 'hub', '--count', '1.5'], /--count is "1.5"/],
    ['a bad time', ['db', 'set', 'f', 'k', '--for', '5h'], /--for "5h" is no time/],
    ['a bad value', ['db', 'set', 'f', 'k', '{v'], /\{v is no JSON/],
  ])('%s is a usage error that says what would be right', async (_, args, line) => {
    const error: unknown = await createProgram().parseAsync(args, { from: 'user' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: exitCode.usage, message: expect.stringMatching(line) });
  });
});
