import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { compare, type Effort } from './measure.js';
import { missingProgram } from './peers.js';
import { judged, type Outcome, type Row } from './row.js';

/** What `npm run bench -- --json` writes. */
export interface Report {
  readonly made: string;
  readonly machine: string;
  readonly effort: 'full' | 'quick';
  readonly rows: readonly Outcome[];
}

export const FULL: Effort = { rounds: 5, ms: 1_000, warmUp: 2_000 };
export const QUICK: Effort = { rounds: 5, ms: 60, warmUp: 250 };

/** Measures one row after the other; says on standard error where it is. */
export async function measureRows(rows: readonly Row[], isQuick: boolean): Promise<Report> {
  const outcomes: Outcome[] = [];
  for (const [index, row] of rows.entries()) {
    process.stderr.write(`${index + 1}/${rows.length} ${row.id}\n`);
    outcomes.push(judged(row, await compare(row.contenders, isQuick ? QUICK : FULL), outcomes));
  }
  return { made: new Date().toISOString(), machine: describeMachine(), effort: isQuick ? 'quick' : 'full', rows: outcomes };
}

function describeMachine(): string {
  const all = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [`${all.length} × ${all[0]?.model.trim() ?? 'CPU'}`, memory, `${process.platform} ${process.arch}`, `Node.js ${process.versions.node}`, ...others()].join(', ');
}

/** Versions of the programs that are not packages. */
function others(): readonly string[] {
  const release = ['-noshell', '-eval', 'io:format("~s", [erlang:system_info(otp_release)]), halt().'];
  return [
    ...(missingProgram('erl') === undefined ? [`Erlang/OTP ${execFileSync('erl', release, { encoding: 'utf8' })}`] : []),
    ...(missingProgram('nats-server') === undefined ? [execFileSync('nats-server', ['--version'], { encoding: 'utf8' }).trim()] : []),
  ];
}
