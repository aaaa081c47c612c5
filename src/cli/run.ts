import type { Command } from 'commander';
import type { Resolved } from '../config/core/resolve.js';
import { merged, settingsOf } from '../config/profile.js';
import { createNode } from '../node.js';
import { oneLine, usageError } from './exit.js';
import { isFolder } from './files/folder.js';
import { serveFiles } from './files/serve.js';
import { stderrLog } from './log.js';
import { loadGuests } from './load-guests.js';
import { checkRunOptions, readRunWords, type RunOptions } from './run-options.js';
import { stopWanted } from './stop.js';
import { countUnsent } from './unsent.js';
import { readTime } from './words.js';

const HELP = `
Keys:
  nodeid    the id of the node; %n is the host name, %u a random text (default: <profile>/%u)
  secret    the shared secret of the network; better in the environment, as RXMP_SECRET, where others can't read it
  binds     addresses to listen on, a comma list: host:port, *:port, *, ws://host:port, wss://host:port (default: *)
  seeds     addresses of nodes to stay connected with, a comma list; a host name stands for all addresses that
            it has, and is looked up again while the node runs
  services  functions to start, a comma list of module#export: ./chat.js#start
  guests    makes the node a gate, which lets in guests: a module that exports "guests", or module#export, an object with
            the function "admit": ./auth.js
  norc      true: the configuration file is not read; otherwise what it says for the profile wins over these words
  force     true: these words win over the configuration file
  global    true: a global node from the start, which keeps the database for others
  cert      PEM file with the certificate: connections with nodes are in TLS, and wss:// binds work (or RXMP_CERT)
  key, ca   PEM files with its key and the CAs to accept (or RXMP_KEY, RXMP_CA); default: those in the cert file
  methods   how nodes may prove themselves, a comma list: rxmp_sha3_512,tls_sha3_512 (or RXMP_METHODS;
            default: all that is configured)
  resumeTime  how long a link outlives its connection, if the other end wants it too: 500ms, 30s, 2m (default: not at all)
  acceptPlain  true: with cert, also nodes without TLS that know the secret

Prints "ready <node id> <address>,..." when it listens and its services run; logs go to standard error. SIGINT and
SIGTERM end it with exit code 0; what was sent leaves first, and a line on standard error says how many bytes could not. A second
signal doesn't wait.

Example:
  RXMP_SECRET=... rxmp run nodeid hub binds 127.0.0.1:4040,ws://127.0.0.1:4041`;

interface RunFlags {
  readonly log?: string;
  readonly untilStdinCloses?: true;
  readonly closeTimeout?: string;
  readonly files?: string;
}

/** How long what a service left running may go on after the node was closed, ms. */
const GRACE = 2_000;

/** `rxmp run`: a node of its own, until it is told to stop. */
export function addRun(program: Command): void {
  program
    .command('run')
    .summary('run a node until SIGINT or SIGTERM')
    .description('Runs a node. An odd number of words has a profile first.')
    .usage('[options] [profile] key value ...')
    .argument('[words...]', 'profile, keys and values')
    .option('--log <level>', 'least level to log: trace, debug, info, warn, error, fatal, silent (default: $RXMP_LOG or warn)')
    .option('--until-stdin-closes', 'end also when standard input ends: so a child never outlives its parent')
    .option('--close-timeout <time>', 'how long, at the end, peers may take to read what was sent: seconds, or 500ms, 5s, 2m (default: 5)')
    .option('--files <folder>', 'let other nodes read and write the files of a folder, with "rxmp cp"')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(words: readonly string[], flags: RunFlags): Promise<void> {
  const timeout = flags.closeTimeout === undefined ? undefined : readTime(flags.closeTimeout);
  const unsent = countUnsent(stderrLog(flags.log, 'warn'));
  const given = readRunWords(words, process.env);
  const settings = await settingsOf(given, process.env);
  const { guestsFrom, ...options } = settings === undefined ? given : withSettings(given, settings, (text) => { unsent.log.warn({}, text); });
  checkRunOptions({ ...options, ...(guestsFrom !== undefined && { guestsFrom }) });
  // from here on a signal finds somebody: also one that comes before the node is ready
  const stop = stopWanted({ untilStdinCloses: flags.untilStdinCloses ?? false });
  if (flags.files !== undefined && !(await isFolder(flags.files))) throw usageError(`--files is "${flags.files}": expected a folder`);
  const guests = guestsFrom === undefined ? undefined : await loadGuests(guestsFrom);
  const node = await createNode({ ...options, norc: true, guests, log: unsent.log });
  if (flags.files !== undefined) serveFiles(node, flags.files);
  process.stdout.write(`ready ${[node.id, node.addresses.join(',')].join(' ').trimEnd()}\n`);
  await stop;
  await node.close({ timeout });
  const lost = unsent.text();
  if (lost !== undefined) process.stderr.write(oneLine(lost));
  setTimeout(() => process.exit(), GRACE).unref();
}

/** With what the configuration file says, the module of the guests too. */
function withSettings(given: RunOptions, settings: ReadonlyMap<string, Resolved>, warn: (text: string) => void): RunOptions {
  const guests = settings.get('guests')?.value;
  const wins = typeof guests === 'string' && (given.guestsFrom === undefined || given.force !== true);
  return { ...merged(given, settings, warn), ...(wins && { guestsFrom: guests }) };
}
