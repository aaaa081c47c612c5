/** Guests as processes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('visitor.js', import.meta.url));

export interface Visitor {
  readonly user: string;
  /** Has it do something; resolves with what it says of that. */
  tell(what: string, ...args: readonly string[]): Promise<string>;
  close(): void;
}

/** Starts a guest. It ends with this process at the latest. */
export function startVisitor(user: string, site: string): Visitor {
  const child = fork(FILE, [user, site]);
  // one that is gone answers no more
  const gone = once(child, 'exit').then(() => { throw new Error(`${user} has ended`); });
  gone.catch(() => undefined);
  return {
    user,
    async tell(what, ...args) {
      const answer = once(child, 'message') as Promise<[string]>;
      child.send([what, ...args]);
      const [text] = await Promise.race([answer, gone]);
      return text;
    },
    close: () => { child.disconnect(); },
  };
}
