import type { Sight } from '../../../src/federation/core/dataspace.js';
import type { Spec } from '../../../src/federation/core/spec.js';
import { check } from '../database/check.js';
import { projection, textOf } from './vocabulary.js';

/** What is known of a message that was sent. */
export interface Sent {
  readonly n: number;
  readonly from: string;
  /** Since then, links have neither come nor gone. */
  readonly epoch: number;
  /** What the sender asserted then, with how often it had begun to: still true if that has not changed. */
  readonly stood: ReadonlyMap<object, number>;
}

/** What a watcher needs to know of the world. */
export interface WatcherContext {
  readonly name: string;
  sent(n: number): Sent | undefined;
  epoch(): number;
  /** How often a scope has begun to assert a value that it asserts now; undefined: it does not. */
  stands(scope: string, value: object): number | undefined;
}

export type Watcher = ReturnType<typeof createWatcher>;

/** One observer: it checks what can be seen from where it is. */
export function createWatcher(spec: Spec, context: WatcherContext) {
  const { name } = context;
  const visible = new Set<string>();
  const seenMessages = new Map<number, number>();
  const last = new Map<string, Sent>();
  const hasNumber = spec[0] === 'obj' && Object.hasOwn(spec[1], 'n');
  let messages = 0;

  const message = (captures: readonly unknown[]): void => {
    messages++;
    // the field n comes before the others that a pattern of it captures
    const sent = hasNumber ? context.sent(captures[0] as number) : undefined;
    if (sent?.epoch !== context.epoch()) return;
    const count = (seenMessages.get(sent.n) ?? 0) + 1;
    seenMessages.set(sent.n, count);
    check(count === 1, () => `I6: ${name} has seen message ${sent.n} twice`);
    const before = last.get(sent.from);
    check(before?.epoch !== sent.epoch || before.n < sent.n, () => `I8: ${name} has seen message ${sent.n} too late`);
    last.set(sent.from, sent);
    for (const [value, time] of sent.stood) {
      const match = projection(spec, value);
      if (match === false || context.stands(sent.from, value) !== time) continue;
      check(visible.has(match), () => `I8: ${name} has seen message ${sent.n}, but not ${match}, asserted before it`);
    }
  };

  return {
    spec,
    specText: textOf(spec),
    visible: visible as ReadonlySet<string>,
    get messages() {
      return messages;
    },
    see({ kind, captures }: Sight): void {
      const text = textOf(captures);
      if (kind === 'msg') message(captures);
      else if (kind === 'add') {
        check(!visible.has(text), () => `I5: ${name} has seen ${text} come twice`);
        visible.add(text);
      } else check(visible.delete(text), () => `I5: ${name} has seen ${text} go, which was not there`);
    },
  };
}
