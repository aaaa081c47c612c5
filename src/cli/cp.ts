import type { Command } from 'commander';
import { firstValueFrom, from } from 'rxjs';
import { describeReason } from '../kernel/core/message.js';
import { PortDied, StreamAborted, StreamRefused } from '../kernel/errors.js';
import { exitCode, Failure } from './exit.js';
import { createBar } from './files/bar.js';
import { createConversation } from './files/conversation.js';
import { readCopy, type Copy } from './files/place.js';
import { FILES } from './files/serve.js';
import { codeOf, receiveFile, sendFile } from './files/transfer.js';
import { join, joining, type JoinFlags } from './join.js';
import { printLine } from './print.js';

interface CpFlags extends JoinFlags {
  readonly force?: true;
}

const HELP = `
One of the two files is of a node, as node:name. The name is relative to the folder that the node serves, by "rxmp run --files <folder>". A file here whose
name has a colon is written as ./name. node: alone keeps the name; so does a folder here.

Both ends compare a SHA-256 checksum of the whole file before it gets its name. What has arrived of a transfer that is broken off is kept in
.<name>.part beside it: the same command goes on there.

Prints the name, how many bytes the file has, and its checksum; on a terminal a bar shows how far it is.

Examples:
  rxmp cp video.mp4 media/1:
  rxmp cp media/1:video.mp4 /tmp`;

/** `rxmp cp`: a file to a node, or from one. */
export function addCp(program: Command): void {
  joining(
    program
      .command('cp')
      .summary('copy a file to a node, or from one')
      .description('Copies a file to a node that serves a folder, or from there.')
      .argument('<from>', 'file, or node:name')
      .argument('<to>', 'node:name, or file')
      .option('-f, --force', 'replace a file that is there')
      .addHelpText('after', HELP),
  ).action(cp);
}

async function cp(source: string, target: string, flags: CpFlags): Promise<void> {
  const copy = await readCopy(source, target);
  await join(flags, async ({ node, inTime }) => {
    const stream = node.openStream(copy.node, FILES, copy.wanted, copy.name, flags.force === true);
    const other = createConversation(stream);
    const bar = await createBar(copy.name, process.stderr);
    try {
      await firstValueFrom(from(stream.opened).pipe(inTime(`${copy.node} did not answer`)));
      const { size, from: begin, sha256 } =
        copy.wanted === 'put' ? await sendFile(other, copy.path, bar.show) : await receiveFile(other, { path: copy.path, overwrite: flags.force === true }, bar.show);
      bar.stop();
      await printLine(`${copy.wanted === 'put' ? `${copy.node}:${copy.name}` : copy.path}\t${size}\tsha256 ${sha256}${begin > 0 ? `\tresumed at ${begin}` : ''}`);
    } catch (error) {
      bar.stop();
      await other.giveUp([FILES, 'the transfer was broken off']);
      throw explain(error, copy);
    }
  });
}

function explain(error: unknown, { node, name, path }: Copy): unknown {
  if (error instanceof StreamAborted) {
    const [kind, text] = error.reason;
    return new Failure(exitCode.failed, `${node}:${name}: ${kind === FILES && typeof text === 'string' ? text : describeReason(error.reason)}`);
  }
  if (error instanceof StreamRefused) return new Failure(exitCode.failed, `${node} serves no files: start it with "rxmp run --files <folder>"`);
  if (error instanceof PortDied) return new Failure(exitCode.failed, `${node} is unreachable: ${describeReason(error.reason)}`);
  if (codeOf(error) === 'ENOENT') return new Failure(exitCode.failed, `${path}: there is no such file or folder`);
  return error;
}
