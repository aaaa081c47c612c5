import { firstValueFrom } from 'rxjs';
import { REVOKE_GUESTS, SHOW_GUESTS, type GuestReport } from '../access/gate/desk-names.js';
import { readRights } from '../access/core/read-rights.js';
import { describeRight, type Right } from '../access/core/rights.js';
import { describeReason } from '../kernel/core/message.js';
import { CallTimeout, PortDied } from '../kernel/errors.js';
import { exitCode, Failure } from './exit.js';
import type { Guest } from './join.js';

/** What a gate has told of a guest. */
export interface Report {
  readonly guest: Omit<GuestReport, 'may'> & { readonly gate: string };
  readonly may: readonly Right[];
  /** The same for people. */
  readonly rights: readonly string[];
}

/** Asks a gate about a guest, or all guests of a user. */
export async function showAt(guest: Guest, gate: string, who: string): Promise<readonly Report[]> {
  const answer = await ask(guest, gate, SHOW_GUESTS, who);
  if (!Array.isArray(answer)) throw odd(gate);
  return answer.map((report) => readReport(gate, report));
}

/** Has a gate send guests away; gives how many. */
export async function revokeAt(guest: Guest, gate: string, who: string, reason: string | undefined): Promise<number> {
  const answer = await ask(guest, gate, REVOKE_GUESTS, who, reason ?? null);
  if (typeof answer !== 'number') throw odd(gate);
  return answer;
}

async function ask({ node, timeout }: Guest, gate: string, name: string, ...args: readonly unknown[]): Promise<unknown> {
  try {
    const [answer] = await firstValueFrom(node.cal(gate, name, ...args, { timeout }));
    return answer;
  } catch (error) {
    if (error instanceof CallTimeout) throw new Failure(exitCode.timeout, `the gate ${gate} gave no answer within ${timeout} ms`);
    if (error instanceof PortDied) throw new Failure(exitCode.failed, `the gate ${gate}: ${describeReason(error.reason)}`);
    throw error;
  }
}

function readReport(gate: string, report: unknown): Report {
  if (typeof report !== 'object' || report === null) throw odd(gate);
  const { guest, user, remoteAddress, since, expires, may, counts } = report as Readonly<Record<keyof GuestReport, unknown>>;
  if (typeof guest !== 'string' || typeof user !== 'string' || typeof remoteAddress !== 'string' || typeof since !== 'number') throw odd(gate);
  if (!(expires === null || typeof expires === 'number') || typeof counts !== 'object' || counts === null) throw odd(gate);
  let rights: readonly Right[];
  try {
    rights = readRights(may);
  } catch {
    throw odd(gate);
  }
  return { guest: { guest, user, gate, remoteAddress, since, expires, counts: counts as GuestReport['counts'] }, may: rights, rights: rights.map(describeRight) };
}

const odd = (gate: string): Failure => new Failure(exitCode.failed, `the gate ${gate} gave an answer that this command does not know`);
