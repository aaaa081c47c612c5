import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { filter, firstValueFrom, map, tap } from 'rxjs';
import { parseAddress, tcpTransport } from 'rxmp';
import { $, createScope, federate, type Scope } from 'rxmp/federation';
import { timed, type Contender, type Rate } from './measure.js';

export interface Fact {
  readonly type: 'says';
  readonly who: string;
  readonly text: string;
}

/** What a process of a chain is told: to assert and take back so much, or to pass it on. */
export interface PeerOrder {
  readonly role: 'sender' | 'middle';
  /** Where to connect. */
  readonly address: string;
  /** Assertions, each taken back: two events. */
  readonly assertions: number;
}

/** Assert and retract while so many others observe distinct patterns, of which one matches. */
export function observersContender(observers: number, assertions: number): Contender {
  return {
    name: `${observers.toLocaleString('en')} observers`,
    run: async () => {
      const scope = createScope<Fact>('bench');
      let seen = 0;
      for (let i = 0; i < observers; i++) scope.observe({ type: 'says', who: `who ${i}`, text: $ }).subscribe(() => seen++);
      const rate = await timed(assertions, () => {
        for (let i = 0; i < assertions; i++) scope.assert({ type: 'says', who: 'who 0', text: 'hello' }).unsubscribe();
      });
      if (seen !== 2 * assertions) throw new Error(`${seen} events were seen, expected ${2 * assertions}`);
      scope.close();
      return rate;
    },
  };
}

/** Lets others link to a scope; gives the address. */
export async function serve(scope: Scope<Fact>): Promise<string> {
  const events$ = tcpTransport().listen(parseAddress('127.0.0.1:0'));
  return await new Promise((resolve, reject) => {
    const duplexes$ = events$.pipe(
      tap((event) => { if (event.kind === 'listening') resolve(event.addresses[0] ?? ''); }),
      filter((event) => event.kind === 'connection'),
      map(({ duplex }) => duplex),
    );
    federate(scope, duplexes$).subscribe({ error: reject });
  });
}

/** Events that an observer sees each second: of a scope in another process, over one link or with a scope between them. */
export function linkContender(links: 1 | 2, assertions: number): Contender {
  return { name: links === 1 ? 'one link' : 'a chain of three', run: () => observed(links, assertions) };
}

async function observed(links: 1 | 2, assertions: number): Promise<Rate> {
  const scope = createScope<Fact>('bench');
  const children: ChildProcess[] = [];
  const start = (order: PeerOrder): ChildProcess => {
    const child = fork(new URL('./federation-peer.js', import.meta.url), [JSON.stringify(order)], { execArgv: [] });
    children.push(child);
    return child;
  };
  let seen = 0;
  let begin = 0;
  const done = new Promise<Rate>((resolve) => {
    scope.observe({ type: 'says', who: $, text: $ }).subscribe(() => {
      if (seen++ === 0) begin = performance.now();
      if (seen === 2 * assertions) resolve({ perSecond: (seen / (performance.now() - begin)) * 1000 });
    });
  });
  try {
    let address = await serve(scope);
    if (links === 2) [address] = (await once(start({ role: 'middle', address, assertions }), 'message')) as [string];
    const failed = once(start({ role: 'sender', address, assertions }), 'exit').then(() => Promise.reject(new Error('the sending process ended early')));
    failed.catch(() => undefined);
    return await Promise.race([done, failed]);
  } finally {
    scope.close();
    for (const child of children) child.kill();
  }
}

/** The first duplex of a connection to an address. */
export const connectTo = (address: string) => firstValueFrom(tcpTransport().connect(parseAddress(address)));
