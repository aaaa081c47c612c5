import type { Reason } from 'rxmp';
import type { Port } from './model.js';
import { violated } from './violation.js';

/** Why ports may die, so that each death can be explained (S3, S5, S12, S13). */
export function createDeaths() {
  /** Who was killed, or blown up, by the number that is in the reason. */
  const causes = new Map<number, Port>();
  const killedNormally = new Set<string>();
  /** The ports that die with a port. */
  const links = new Map<string, Set<string>>();
  const linked = new Set<string>();
  let counter = 0;

  const reaches = (from: string, to: string): boolean => {
    const seen = new Set([from]);
    for (const id of seen) for (const next of links.get(id) ?? []) seen.add(next);
    return seen.has(to);
  };

  const isExplained = (port: Port, [kind, detail]: Reason): boolean => {
    switch (kind) {
      case undefined:
        return killedNormally.has(port.id);
      case 'killed':
      case 'die': {
        const cause = causes.get(Number(kind === 'die' ? String(detail).split(' ')[1] : detail));
        return cause !== undefined && reaches(cause.id, port.id);
      }
      case 'transport_error':
      case 'no_such_port':
        return linked.has(port.id);
      default:
        return false;
    }
  };

  return {
    /** A port is to be killed: normally, or with a reason that nobody else has. */
    kill(port: Port, normally: boolean): Reason {
      if (normally) {
        killedNormally.add(port.id);
        return [];
      }
      causes.set(++counter, port);
      return ['killed', counter];
    },
    /** A message that makes a port throw; its text. */
    boom(port: Port): string {
      causes.set(++counter, port);
      return `boom ${counter}`;
    },
    link(from: Port, to: Port): void {
      links.set(from.id, (links.get(from.id) ?? new Set()).add(to.id));
      linked.add(to.id);
    },
    died(port: Port, reason: Reason): void {
      if (!isExplained(port, reason)) violated('S12', `${port.id} died of ${JSON.stringify(reason)}, which nobody has caused`);
    },
  };
}
