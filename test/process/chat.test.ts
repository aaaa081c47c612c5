import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { claimPort } from '../fixtures/port.js';
import { isClientRequest, LONGEST, type Client } from '../../examples/chat/protocol.js';
import { emptyRoom, step, type Room, type RoomEvent } from '../../examples/chat/room.js';
import { describe as inWords, readLine } from '../../examples/chat/words.js';
import { dist, eventually } from './children.js';

const SECRET = 'of these tests';
/** A process starts, and a lost seed is tried again after pauses of seconds: on a busy machine that takes its time. */
const PATIENCE = 30_000;

/** A program of the example, with somebody who types. */
interface Program {
  readonly stdout: string;
  type(line: string): void;
  endInput(): void;
  kill(signal: NodeJS.Signals): void;
  /** Waits for a line; `times` is how often it is to be there. */
  sees(line: string, times?: number): Promise<unknown>;
  /** The exit code, and what was written to standard error. */
  end(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

const programs: Program[] = [];

function start(name: 'server' | 'client', args: readonly string[], secret: string | undefined = SECRET): Program {
  const { RXMP_SECRET: _, ...inherited } = process.env;
  const env = secret === '' ? inherited : { ...inherited, RXMP_SECRET: secret };
  const child = spawn(process.execPath, [dist(`examples/chat/${name}.js`), ...args], { env, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close').then(([code]) => code as number | null);
  const lines = (line: string): number => stdout.split('\n').filter((seen) => seen === line).length;
  const program: Program = {
    get stdout() {
      return stdout;
    },
    type: (line) => void child.stdin.write(`${line}\n`),
    endInput: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    sees: (line, times = 1) =>
      eventually(`"${line}"`, () => lines(line) >= times, PATIENCE).catch((error: unknown) => {
        throw new Error(`${String(error)}, saw:\n${stdout}${stderr}`);
      }),
    end: async () => {
      await eventually('the end of a program', () => child.exitCode !== null || child.signalCode !== null, PATIENCE);
      return { code: await closed, stderr };
    },
  };
  programs.push(program);
  return program;
}

afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => {
    program.kill('SIGKILL');
    return program.end();
  }));
});

/** Starts a server, and waits for the address where it listens. */
async function serve(bind = '127.0.0.1:0', ...more: readonly string[]): Promise<Program & { readonly address: string }> {
  const server = start('server', ['--bind', bind, ...more]);
  const listening = () => /^listening on (\S+)$/m.exec(server.stdout)?.[1];
  return Object.assign(server, { address: await eventually('a server', listening, PATIENCE) });
}

const client = (nick: string, form: string, ...seeds: readonly string[]): Program =>
  start('client', ['--nick', nick, '--form', form, '--seed', seeds.join(',')]);

/** Starts a client, and waits until it is in. */
async function enter(nick: string, form: string, ...seeds: readonly string[]): Promise<Program> {
  const program = client(nick, form, ...seeds);
  await eventually(`a welcome for ${nick}`, () => /^\* welcome; here: /m.test(program.stdout), PATIENCE);
  return program;
}

/** A way to an address that can be cut. */
async function cuttable(address: string) {
  const [host = '', port = ''] = address.split(':');
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(Number(port), host);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from.on('error', () => undefined).on('close', () => to.destroy()));
      from.pipe(to);
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cut,
    [Symbol.dispose]() {
      proxy.close();
      cut();
    },
  };
}

const LOST = '* the server is gone: waiting…';

describe.each(['port', 'spawn'])('the chat, joined by %s', (form) => {
  it('carries what is said, to whom it is for', async () => {
    const { address } = await serve();
    const ann = await enter('ann', form, address);
    const bob = await enter('bob', form, address);
    const cid = await enter('cid', form, address);
    await ann.sees('* cid joined');
    expect(cid.stdout).toContain('* welcome; here: ann, bob, cid\n');

    ann.type('hello');
    ann.type('/me waves');
    ann.type('/msg bob psst');
    ann.type('/msg zed psst');
    ann.type('/who');
    ann.type('/nick zed');
    ann.type('with a \x1b[31mcolour');
    ann.type('good-bye');
    for (const other of [bob, cid]) {
      for (const line of ['ann: hello', '* ann waves', 'ann: with a \u{fffd}[31mcolour', 'ann: good-bye']) await other.sees(line);
    }
    await ann.sees('! nobody here is called zed');
    await ann.sees('* here: ann, bob, cid');
    expect(bob.stdout).toContain('\nann (only to you): psst\n');
    expect(cid.stdout).not.toContain('psst');
    expect(ann.stdout).toMatch(/^! there are: .*\/quit$/m);
    expect(ann.stdout).not.toMatch(/^ann/m);
  }, 90_000);

  it('tells whose nick is taken, who was lost and who left', async () => {
    const server = await serve();
    const { address } = server;
    const ann = await enter('ann', form, address);
    const bob = await enter('bob', form, address);
    const cid = await enter('cid', form, address);
    expect(await client('Ann', form, address).end()).toEqual({ code: 1, stderr: 'error: the nick Ann is taken\n' });
    expect(await client('an apple', form, address).end()).toMatchObject({ code: 1, stderr: expect.stringContaining('a nick is') });

    cid.kill('SIGKILL');
    for (const program of [ann, bob, server]) await program.sees('* cid left (connection lost)');
    await enter('cid', form, address);
    await bob.sees('* cid joined', 2);

    ann.type('/quit');
    expect(await ann.end()).toEqual({ code: 0, stderr: '' });
    for (const program of [bob, server]) await program.sees('* ann left');
    // what was typed before the end of the input is still said
    bob.type('bye');
    bob.endInput();
    expect(await bob.end()).toEqual({ code: 0, stderr: '' });
    await server.sees('* bob left');
    server.kill('SIGTERM');
    expect(await server.end()).toEqual({ code: 0, stderr: '' });
  }, 120_000);

  it('goes on by itself when the server is killed and another one takes its place', async () => {
    const server = await serve(`127.0.0.1:${await claimPort()}`);
    const { address } = server;
    const ann = await enter('ann', form, address);
    const bob = await enter('bob', form, address);
    const cid = await enter('cid', form, address);
    server.kill('SIGKILL');
    for (const program of [ann, bob, cid]) await program.sees(LOST);
    ann.type('anybody?');
    await ann.sees('! not sent: there is no server');

    const second = await serve(address);
    for (const nick of ['ann', 'bob', 'cid']) await second.sees(`* ${nick} joined`);
    for (const program of [ann, bob, cid]) {
      await eventually('a second welcome', () => program.stdout.match(/^\* welcome/gm)?.length === 2, PATIENCE);
    }
    ann.type('back again');
    for (const other of [bob, cid]) await other.sees('ann: back again');
    expect(bob.stdout).not.toContain('anybody?');

    cid.kill('SIGINT');
    expect(await cid.end()).toEqual({ code: 0, stderr: '' });
    await ann.sees('* cid left');
  }, 120_000);

  it('goes on by itself after a lost connection to a server that is still there', async () => {
    const server = await serve();
    using way = await cuttable(server.address);
    const ann = await enter('ann', form, server.address);
    const bob = await enter('bob', form, way.address);
    way.cut();
    for (const program of [ann, server]) await program.sees('* bob left (connection lost)');
    await bob.sees(LOST);
    await bob.sees('* welcome; here: ann, bob', 2);
    bob.type('back again');
    await ann.sees('bob: back again');
    expect(ann.stdout).not.toContain(LOST);
  }, 120_000);
});

describe('the chat', () => {
  it('is one room for both forms, and moves to another server together', async () => {
    const first = await serve();
    const second = await serve('127.0.0.1:0', '--seed', first.address);
    const seeds = [first.address, second.address];
    const ann = await enter('ann', 'port', ...seeds);
    const bob = await enter('bob', 'spawn', ...seeds);
    await ann.sees('* bob joined');
    expect(second.stdout).not.toContain('joined');
    first.kill('SIGKILL');
    for (const program of [ann, bob]) await program.sees(LOST);
    for (const nick of ['ann', 'bob']) await second.sees(`* ${nick} joined`);
    await eventually('the welcomes', () => [ann, bob].every(({ stdout }) => stdout.match(/^\* welcome/gm)?.length === 2), PATIENCE);
    ann.type('here');
    bob.type('too');
    await ann.sees('bob: too');
    await bob.sees('ann: here');
  }, 120_000);

  it('says what is missing', async () => {
    const { code, stderr } = await start('server', ['--bind', '127.0.0.1:0'], '').end();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: a secret is needed, .*RXMP_SECRET/);
    expect((await start('client', ['--seed', '127.0.0.1:1']).end()).stderr).toContain('--nick');
    expect((await start('server', ['--bind', 'nonsense:x:y']).end()).stderr).toMatch(/^error: .*nonsense:x:y.*\n$/);
  }, 60_000);
});

describe('the room', () => {
  const [ann, bob, eve] = ['n#a', 'n#b', 'n#e'] as [Client, Client, Client];
  const after = (...events: readonly RoomEvent[]): Room => events.reduce(step, emptyRoom);

  it('takes the nick from what it knows: no message can bring another, and strangers have none', () => {
    const room = after(['join', ann, 'ann'], ['join', bob, 'bob']);
    expect(step(room, ['say', bob, 'I am ann']).posts).toEqual([[['said', 'bob', 'I am ann'], [ann]]]);
    expect(step(room, ['say', eve, 'I am ann']).posts).toEqual([]);
    expect(step(room, ['gone', eve, '']).posts).toEqual([]);
  });

  it.each(['ann', 'ANN', 'ａｎｎ', 'a n', '', 'a'.repeat(21), 'a\n'])('lets nobody in as %j beside ann', (nick) => {
    const room = after(['join', ann, 'ann'], ['join', eve, nick]);
    expect(room.posts).toEqual([[['refused', expect.any(String)], [eve]]]);
    expect([...room.members]).toEqual([[ann, 'ann']]);
  });

  it('lets a client that comes back in again, and another one as soon as the nick is free', () => {
    expect(after(['join', ann, 'ann'], ['join', ann, 'ann']).posts[0]).toEqual([['welcome', 'ann'], [ann]]);
    expect(after(['join', ann, 'ann'], ['gone', ann, 'why'], ['join', eve, 'ann']).posts[0]).toEqual([['welcome', 'ann'], [eve]]);
  });

  it('looks at what comes from the network', () => {
    const good = [['join', ann, 'ann'], ['msg', ann, 'bob', 'text'], ['who', ann], ['leave', ann]];
    const bad = [
      [], ['say'], ['say', ann], ['say', ann, 1], ['say', ann, 'a', 'b'], ['say', 'no port', 'a'], ['say', 7, 'a'],
      ['gone', ann, 'why'], ['toString', ann], [null, ann], ['join', ann, { ann: 1 }],
    ];
    expect(good.filter((message) => !isClientRequest(message))).toEqual([]);
    expect(bad.filter(isClientRequest)).toEqual([]);
  });
});

describe('typed lines', () => {
  it.each([
    ['  hello  ', ['say', 'hello']],
    ['/me  is  here', ['me', 'is  here']],
    ['/msg bob  a /quit', ['msg', 'bob', 'a /quit']],
    ['/who', ['who']],
    ['/quit', ['quit']],
    ['   ', undefined],
    ['/msg bob', ['mistake', expect.any(String)]],
    ['/me', ['mistake', expect.any(String)]],
    ['/leave', ['mistake', expect.any(String)]],
  ])('%j', (line, command) => {
    expect(readLine(line)).toEqual(command);
  });

  it('are told to be too long when the server would not take them', () => {
    const text = 'a'.repeat(LONGEST);
    expect(isClientRequest(['say', 'n#a', text])).toBe(true);
    expect(readLine(text)).toEqual(['say', text]);
    expect(isClientRequest(['say', 'n#a', `${text}a`])).toBe(false);
    expect(readLine(`${text}a`)).toEqual(['mistake', expect.any(String)]);
  });

  it('news of a newer server are no line', () => {
    expect(inWords(['waved', 'ann'] as never)).toBeUndefined();
  });
});
