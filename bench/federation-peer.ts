import { of } from 'rxjs';
import { createScope, federate } from 'rxmp/federation';
import { connectTo, serve, type Fact, type PeerOrder } from './federation.js';

/** Another process of a federation. The one that sends waits until somebody observes. */
const { role, address, assertions } = JSON.parse(process.argv[2] ?? '') as PeerOrder;
/** Assertions of one turn of the event loop; then the scopes wait for each other, so that nothing piles up. */
const BATCH = 500;

const scope = createScope<Fact>('bench');
if (role === 'middle') process.send?.(await serve(scope));
federate(scope, of(await connectTo(address))).subscribe();
process.once('disconnect', () => process.exit());

if (role === 'sender') {
  scope.interest({ type: 'says' }).subscribe((isWanted) => {
    if (isWanted) void send();
  });
}

async function send(): Promise<void> {
  for (let sent = 0; sent < assertions; ) {
    for (const end = Math.min(sent + BATCH, assertions); sent < end; sent++) {
      scope.assert({ type: 'says', who: 'sender', text: `text ${sent}` }).unsubscribe();
    }
    await scope.settled();
  }
}
