import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { Command } from 'commander';
import { realClock } from '../env/clock.js';
import { hostName } from '../env/host.js';
import type { Issuer } from './certificate.js';
import { exitCode, Failure, usageError } from './exit.js';
import { printLine } from './print.js';
import { readCount, readList } from './words.js';

interface GencertFlags {
  readonly name: string;
  readonly days: string;
  readonly hosts: string;
  readonly ca?: string;
  readonly force?: true;
}

const DAY = 24 * 60 * 60 * 1000;
/** Clocks differ: a certificate is valid from a day ago, or another machine might refuse it at first. */
const BEFORE = DAY;
/** X.509 knows no year after 9999. */
const MOST_DAYS = 2_000_000;

const HELP = `
The file holds the key: whoever can read it is a member of the network. It is written with mode 0600.

One certificate for all nodes, which signs itself (Perl nodes take it as their "cert" too):
  rxmp gencert network.pem
A CA, and certificates signed by it, one for each node:
  rxmp gencert ca.pem --name "our CA"
  rxmp gencert node1.pem --ca ca.pem --name node1 --hosts node1.example,10.0.0.1`;

/** `rxmp gencert`: a certificate with its key, in one PEM file. */
export function addGencert(program: Command): void {
  program
    .command('gencert')
    .summary('make a certificate with its key, for TLS')
    .description('Makes a key (EC, P-256) and its certificate, in one PEM file.')
    .argument('<file>', 'the PEM file to write')
    .option('--name <name>', 'common name, for people', hostName())
    .option('--days <days>', 'how long it is valid', '3650')
    .option('--hosts <names>', 'host names and IP addresses for wss:// binds, a comma list', '')
    .option('--ca <file>', 'PEM file with the certificate and key of the CA that signs (default: it signs itself, and is a CA)')
    .option('--force', 'overwrite the file')
    .addHelpText('after', HELP)
    .action(gencert);
}

async function gencert(file: string, { name, days, hosts, ca, force }: GencertFlags): Promise<void> {
  const count = readCount('--days', days);
  if (count > MOST_DAYS) throw usageError(`--days is ${days}: expected at most ${MOST_DAYS}`);
  const hostList = readList(hosts);
  const zoned = hostList.find((host) => isIPv6(host) && host.includes('%'));
  if (zoned !== undefined) throw usageError(`--hosts has "${zoned}": expected an address without a zone`);
  const now = realClock.now();
  // loaded here: nothing else needs the library, and it takes its time
  const { makeCertificate, readIssuer } = await import('./certificate.js');
  const issuer = ca === undefined ? {} : { issuer: await readCa(ca, readIssuer) };
  const dates = { from: new Date(now - BEFORE), until: new Date(now + count * DAY) };
  const pem = await makeCertificate({ name, hosts: hostList, ...dates, ...issuer });
  write(file, pem, force ?? false);
  await printLine(`${file}: certificate of "${name}", valid until ${dates.until.toISOString().slice(0, 10)}`);
}

async function readCa(file: string, read: (text: string) => Promise<Issuer>): Promise<Issuer> {
  try {
    return await read(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Failure(exitCode.failed, `${file} can't sign: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function write(file: string, pem: string, force: boolean): void {
  try {
    // made anew, so that it never has the rights, or the readers, of the old one
    if (force) rmSync(file, { force });
    writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new Failure(exitCode.failed, `${file} exists: overwrite it with --force`);
    }
    throw cause;
  }
}
