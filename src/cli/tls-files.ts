import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { TlsOptions } from '../transport/tls-credentials.js';
import { usageError } from './exit.js';

/** Names of PEM files, as the command line gives them. */
export interface TlsFiles {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly ca?: string | undefined;
}

/** Gives a command the options that name PEM files. */
export function takingCertificates(command: Command): Command {
  return command
    .option('--cert <file>', 'PEM file with the certificate, and the key and CAs if they are not given; default: $RXMP_CERT')
    .option('--key <file>', 'PEM file with the key of the certificate; default: $RXMP_KEY, or the --cert file')
    .option('--ca <file>', 'PEM file with the CAs to accept; default: $RXMP_CA, or the --cert file');
}

/** Reads the files that were given, or that the environment names, into node options; empty when there are none. */
export function readTlsFiles(files: TlsFiles, environment: NodeJS.ProcessEnv): { readonly tls?: TlsOptions } {
  const given = (['cert', 'key', 'ca'] as const)
    .map((name) => [name, files[name] ?? environment[`RXMP_${name.toUpperCase()}`] ?? ''] as const)
    .filter(([, file]) => file !== '');
  if (given.length === 0) return {};
  return { tls: Object.fromEntries(given.map(([name, file]) => [name, readPem(name, file)])) };
}

/** The text of a PEM file that an option names. Throws a usage error. */
export function readPem(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw usageError(`${name}: cannot read the PEM file: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
