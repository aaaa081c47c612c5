import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { exitCode } from '../../src/cli/exit.js';
import { createProgram } from '../../src/cli/program.js';
import { readTime } from '../../src/cli/words.js';
import { VERSION } from '../../src/version.js';
import { dist, ending, eventually, isAlive, rxmp, startChild, startNode, type Child, type Ended, type NodeChild } from './children.js';

const SECRET = 'only for this test';
const env = { RXMP_SECRET: SECRET };
const SERVICE = fileURLToPath(new URL('service.mjs', import.meta.url));

/** What every failure looks like: one line, nothing on standard output. */
function failure({ code, signal, stdout, stderr }: Ended): { code: number | null; line: string } {
  expect({ signal, stdout, lines: stderr.split('\n').length }).toEqual({ signal: null, stdout: '', lines: 2 });
  expect(stderr).toMatch(/^rxmp: \S/);
  return { code, line: stderr.trim() };
}

async function startService(): Promise<{ hub: NodeChild; port: string; visit: typeof visit }> {
  const hub = await startNode(['nodeid', 'hub', 'binds', '127.0.0.1:0,ws://127.0.0.1:0', 'services', `${SERVICE}#start`], { env });
  const port = await eventually('the port of the service', () => /^port (\S+)$/m.exec(hub.stderr)?.[1]);
  const visit = (...args: readonly string[]): Promise<Ended> =>
    rxmp(args, { env: { ...env, RXMP_SEEDS: hub.addresses[0]! } });
  return { hub, port, visit };
}

/** `rxmp mon`, once it is connected. */
async function startMonitor(hub: NodeChild, port: string, ...options: readonly string[]): Promise<Child> {
  const words = ['mon', port, '--seeds', hub.addresses[0]!, '--log', 'info', ...options];
  const child = startChild([dist('bundle/cli.js'), ...words], { env });
  await eventually('the connection', () => child.stderr.includes('connected with hub'));
  return child;
}

describe('rxmp run', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('prints one ready line with real addresses and ends with 0 at %s', async (signal) => {
    const child = await startNode(['nodeid', 'one', 'binds', '127.0.0.1:0,ws://127.0.0.1:0'], { env });
    expect(child.id).toBe('one');
    expect(child.addresses).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:[1-9]\d+$/),
      expect.stringMatching(/^ws:\/\/127\.0\.0\.1:[1-9]\d+/),
    ]);
    child.kill(signal);
    const ended = await ending(child);
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(ended.stdout).toMatch(/^ready .*\n$/);
  });

  it('listens where its ready line says', async () => {
    const { addresses } = await startNode(['nodeid', 'two', 'binds', '127.0.0.1:0'], { env });
    const greeting = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(addresses[0]!.split(':')[1]), '127.0.0.1');
      socket.once('error', reject).once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
    });
    expect(greeting).toMatch(/^aemp;\d+;two;/);
  });

  it('takes an odd number of words for a profile first, and listens everywhere if nothing else is said', async () => {
    const { id, addresses } = await startNode(['crowd'], { env });
    expect(id).toMatch(/^crowd\/\w+$/);
    expect(addresses.length).toBeGreaterThan(0);
  });

  it('is a private node with an empty list of binds', async () => {
    const { id, addresses } = await startNode(['nodeid', 'hermit', 'binds', '', 'norc', 'true', 'global', 'true']);
    expect({ id, addresses }).toEqual({ id: 'hermit', addresses: [] });
  });

  it('ends when its standard input closes, if told to, and not otherwise', async () => {
    const words = ['binds', '127.0.0.1:0'];
    const [follows, stays] = await Promise.all([
      startNode(['--until-stdin-closes', ...words], { env }),
      startNode(words, { env }),
    ]);
    stays.closeStdin();
    follows.closeStdin();
    expect(await ending(follows)).toMatchObject({ code: 0, stderr: '' });
    expect(isAlive(stays.pid)).toBe(true);
  });

  it('ends though a service left a timer running', async () => {
    const child = await startNode(['binds', '127.0.0.1:0', 'services', `${SERVICE}#linger`], { env });
    child.kill('SIGTERM');
    expect(await ending(child)).toMatchObject({ code: 0 });
  });

  it('ends with one line when code of a service throws where nobody catches it', async () => {
    const { hub, port, visit } = await startService();
    await visit('snd', port, 'crash');
    const { code, stderr } = await ending(hub);
    expect(code).toBe(1);
    expect(stderr.split('\n').slice(1)).toEqual(['rxmp: nobody catches this', '']);
  });

  it('says which bind is taken', async () => {
    const { addresses } = await startNode(['binds', '127.0.0.1:0'], { env });
    const { code, line } = failure(await rxmp(['run', '--until-stdin-closes', 'binds', addresses[0]!], { env }));
    expect(code).toBe(1);
    expect(line).toContain(addresses[0]);
  });

  it('says which service does not start', async () => {
    const run = (service: string) => rxmp(['run', 'binds', '127.0.0.1:0', 'services', service], { env }).then(failure);
    const [none, noExport, fails] = await Promise.all([run('./none.js'), run(`${SERVICE}#stop`), run(`${SERVICE}#fail`)]);
    expect(none).toMatchObject({ code: 1, line: expect.stringContaining('"./none.js"') });
    expect(noExport).toMatchObject({ code: 1, line: expect.stringContaining('"stop"') });
    expect(fails).toMatchObject({ code: 1, line: expect.stringContaining('#fail" failed to start: no luck') });
  });
});

describe('rxmp snd, cal and mon', () => {
  let service: Awaited<ReturnType<typeof startService>>;
  beforeAll(async () => {
    service = await startService();
  });

  it('cal prints the answer as one line of JSON', async () => {
    const { visit, port } = service;
    expect(await visit('cal', port, 'add', '2', '3')).toEqual({ code: 0, signal: null, stdout: '[5]\n', stderr: '' });
  });

  it('takes everything for JSON with --json, so that numbers, booleans and null can be sent', async () => {
    const { visit, port } = service;
    const answers = ['5', 'true', 'null'].map((text) => visit('cal', port, '"echo"', text, '--json'));
    expect((await Promise.all(answers)).map(({ stdout }) => stdout)).toEqual([
      '[5,"number"]\n',
      '[true,"boolean"]\n',
      '[null,"object"]\n',
    ]);
    expect(failure(await visit('cal', port, 'echo', '5', '--json'))).toMatchObject({ code: 2, line: expect.stringContaining('with --json') });
  });

  it('takes what starts with [, { or " for JSON and all else for texts', async () => {
    const { visit, port } = service;
    const answers = ['{"a":[1]}', '[null]', '"5"', '5', 'true'].map((text) => visit('cal', port, 'echo', text));
    expect((await Promise.all(answers)).map(({ stdout }) => stdout)).toEqual([
      '[{"a":[1]},"object"]\n',
      '[[null],"object"]\n',
      '["5","string"]\n',
      '["5","string"]\n',
      '["true","string"]\n',
    ]);
  });

  it('takes words after -- for what they are', async () => {
    const { visit, port } = service;
    expect((await visit('cal', port, '--', 'add', '-2', '3')).stdout).toBe('[1]\n');
  });

  it('calls a node port, over WebSocket too', async () => {
    const { hub } = service;
    const { code, stdout } = await rxmp(['cal', 'hub', 'time', '--seeds', hub.addresses[1]!, '--secret', SECRET]);
    expect(code).toBe(0);
    expect(Math.abs((JSON.parse(stdout) as [number])[0] - Date.now() / 1000)).toBeLessThan(60);
  });

  it('proves itself by a method of --methods or RXMP_METHODS only', async () => {
    const strict = await startNode(['nodeid', 'strict', 'binds', '127.0.0.1:0'], { env: { ...env, RXMP_METHODS: 'rxmp_sha3_512' } });
    const call = (methods: string): Promise<Ended> =>
      rxmp(['cal', 'strict', 'time', '--seeds', strict.addresses[0]!, '--methods', methods, '--timeout', '1'], { env });
    expect((await call('rxmp_sha3_512,hmac_sha3_512')).code).toBe(0);
    expect(failure(await call('hmac_sha3_512'))).toEqual({ code: 1, line: expect.stringMatching(/strict is unreachable: .*method/) });
  });

  it('snd ends when the message has arrived', async () => {
    const { hub, visit, port } = service;
    expect(await visit('snd', port, 'note', '"x y"')).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    await eventually('the message', () => hub.stderr.includes('note "x y"\n'), 1_000);
  });

  it.each([
    ['die', '["die","as told"]\n'],
    ['quit', '[]\n'],
  ])('mon prints the reason of a death: %s', async (tag, expected) => {
    const { hub, port, visit } = await startService();
    const monitor = await startMonitor(hub, port);
    await visit('snd', port, tag);
    expect(await ending(monitor)).toMatchObject({ code: 0, stdout: expected });
  });

  it('mon waits for a death longer than its time-out, which is for the connection', async () => {
    const { hub, port, visit } = await startService();
    const monitor = await startMonitor(hub, port, '--timeout', '2');
    await wait(2_200);
    expect(monitor.stdout).toBe('');
    await visit('snd', port, 'quit');
    expect(await ending(monitor)).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('mon prints the loss of a node as a reason', async () => {
    const { hub, port, visit } = await startService();
    const monitor = await startMonitor(hub, port);
    // its request has arrived when one that was sent later is answered
    await visit('cal', 'hub', 'time');
    hub.kill('SIGKILL');
    const { code, stdout } = await ending(monitor);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(['transport_error', 'hub', expect.any(String)]);
  });

  it('ends with 3 when there is no answer in time', async () => {
    const { visit, port } = service;
    const started = performance.now();
    const { code, line } = failure(await visit('cal', port, 'silent', '--timeout', '300ms'));
    expect({ code, line }).toEqual({ code: 3, line: `rxmp: no message from ${port} within 300 ms` });
    expect(performance.now() - started).toBeGreaterThan(300);
  });

  it('ends with 1 when the port, or the way to it, is not there', async () => {
    const { hub, visit, port } = service;
    const gone = await startNode(['binds', '127.0.0.1:0'], { env });
    gone.kill('SIGKILL');
    await gone.ended;
    const [none, monitored, dies, elsewhere, nobody, stranger] = (
      await Promise.all([
        visit('cal', 'hub#none', 'x'),
        visit('mon', 'hub#none'),
        startService().then((other) => other.visit('cal', other.port, 'die')),
        visit('snd', 'elsewhere#port', 'x'),
        visit('snd', port, 'x', '--seeds', gone.addresses[0]!, '--timeout', '1'),
        rxmp(['cal', port, 'x', '--seeds', hub.addresses[0]!, '--secret', 'wrong', '--timeout', '1']),
      ])
    ).map(failure);
    expect(none).toEqual({ code: 1, line: expect.stringContaining('hub#none: no_such_port') });
    expect(monitored).toEqual({ code: 1, line: 'rxmp: there is no port hub#none' });
    expect(dies).toEqual({ code: 1, line: expect.stringContaining('die: as told') });
    expect(elsewhere).toEqual({ code: 1, line: expect.stringContaining('no known address') });
    expect(nobody).toEqual({ code: 1, line: expect.stringMatching(/unreachable.*refused/) });
    expect(stranger).toEqual({ code: 1, line: expect.stringMatching(/unreachable.*wrong secret/) });
  });
});

describe('usage', () => {
  it.each<[what: string, args: string[], line: RegExp]>([
    ['an unknown key', ['run', 'bindz', '*'], /"bindz".*nodeid, secret, binds, seeds, norc, force, global, services/],
    ['an unknown command', ['rnu'], /unknown command 'rnu'/],
    ['an unknown option', ['cal', 'a#b', 'c', '--seed', 'd'], /unknown option '--seed'/],
    ['no message', ['snd', 'a#b'], /missing required argument 'message'/],
    ['a bad node id', ['run', 'nodeid', 'a#b', 'secret', 's'], /"a#b"/],
  ])('%s: exit code 2 and a line that says what would be right', async (_, args, line) => {
    const result = failure(await rxmp(args));
    expect(result.code).toBe(2);
    expect(result.line).toMatch(line);
  });

  // the same program without the cost of a process
  it.each<[what: string, args: string[], line: RegExp]>([
    ['no secret', ['run'], /secret.*RXMP_SECRET/],
    ['a bad truth value', ['run', 'norc', 'maybe'], /norc is "maybe": expected true or false/],
    ['a bad log level', ['run', '--log', 'loud', 'secret', 's'], /"loud".*debug/],
    ['no seeds', ['cal', 'a#b', 'c', '--seeds', ''], /--seeds.*RXMP_SEEDS/],
    ['a bad time', ['cal', 'a#b', 'c', '--seeds', 'd', '--timeout', '5h'], /"5h"/],
    ['no time', ['cal', 'a#b', 'c', '--seeds', 'd', '--timeout', '0'], /"0"/],
    ['a bad port', ['cal', 'a#', 'c', '--seeds', 'd'], /"a#" is no port id/],
    ['bad JSON', ['cal', 'a#b', '{c', '--seeds', 'd'], /\{c is no JSON/],
  ])('%s is a usage error that says what would be right', async (_, args, line) => {
    const error: unknown = await createProgram().parseAsync(args, { from: 'user' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: exitCode.usage, message: expect.stringMatching(line) });
  });

  it.each([['5', 5_000], ['0.5', 500], ['500ms', 500], ['5s', 5_000], ['2m', 120_000]])('the time-out %s is %i ms', (text, ms) => {
    expect(readTime(text)).toBe(ms);
  });

  it('--help and --version', async () => {
    for (const command of [[], ['run'], ['cal']]) {
      const { code, stdout, stderr } = await rxmp([...command, '--help']);
      expect({ code, stderr, usage: stdout.split(' [')[0] }).toEqual({ code: 0, stderr: '', usage: ['Usage: rxmp', ...command].join(' ') });
      expect(stdout).toContain('xit code');
    }
    expect((await rxmp(['--version'])).stdout).toBe(`${VERSION}\n`);
  });
});
