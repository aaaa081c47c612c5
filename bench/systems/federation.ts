import { filter, firstValueFrom, map, of, tap } from 'rxjs';
import { parseAddress, tcpTransport } from 'rxmp';
import { $, createScope, federate, type Scope } from 'rxmp/federation';
import type { Listening, System } from '../harness/system.js';

interface Fact {
  readonly type: 'says';
  readonly who: string;
  readonly text: string;
}

/** Events that may be under way: the scopes wait for each other then. */
const WINDOW = 500;

/** Scopes: who connects asserts and takes back, who listens observes both, and a scope between them may pass it on. */
export const system: System = {
  async listen(sink) {
    const scope = createScope<Fact>('bench');
    const listening = await serve(scope);
    scope.observe({ type: 'says', who: $, text: $ }).subscribe(({ kind }) => { if (kind === 'del') sink.several(1); });
    return listening;
  },

  async pass(address) {
    const scope = createScope<Fact>('bench');
    await link(scope, address);
    return await serve(scope);
  },

  async connect(address) {
    const scope = createScope<Fact>('bench');
    await link(scope, address);
    await firstValueFrom(scope.interest({ type: 'says' }).pipe(filter(Boolean)));
    return {
      send(index) {
        scope.assert({ type: 'says', who: 'sender', text: `text ${index}` }).unsubscribe();
        return index % WINDOW < WINDOW - 1;
      },
      drained: () => scope.settled(),
      close: () => scope.close(),
    };
  },
};

async function link(scope: Scope<Fact>, address: string): Promise<void> {
  federate(scope, of(await firstValueFrom(tcpTransport().connect(parseAddress(address))))).subscribe();
}

/** Lets others link to a scope. */
async function serve(scope: Scope<Fact>): Promise<Listening> {
  const events$ = tcpTransport().listen(parseAddress('127.0.0.1:0'));
  const address = await new Promise<string>((resolve, reject) => {
    const duplexes$ = events$.pipe(
      tap((event) => { if (event.kind === 'listening') resolve(event.addresses[0] ?? ''); }),
      filter((event) => event.kind === 'connection'),
      map(({ duplex }) => duplex),
    );
    federate(scope, duplexes$).subscribe({ error: reject });
  });
  return { address, close: () => scope.close() };
}
