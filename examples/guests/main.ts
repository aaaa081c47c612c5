/**
 * A gate on an HTTP server, a worker behind it, and two guests with JSON Web Tokens. `node dist/examples/guests/main.js` plays by itself, with
 * guests in processes of their own, and ends with exit code 0 if all was right. With `--stay` it waits for pages instead.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { createNode, webSocketTransport } from 'rxmp';
import { createSite } from './site.js';
import { play } from './story.js';
import { guestsBy } from './tokens.js';
import { startVisitor } from './visitors.js';

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const stay = process.argv.includes('--stay');

/** Only the server that signs and the gate that checks have it. */
const key = randomBytes(32);
const site = createSite(key);
site.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(site, 'listening');
const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

// nodes of the network have a secret, or are workers; guests need neither
const gate = await createNode({ nodeid: 'example/gate', binds: ['ws://server/mp'], transports: [webSocketTransport({ server: site })], guests: await guestsBy(key) });
gate.guests$.subscribe((guests) => { print(`gate: ${guests.length === 0 ? 'no guests' : guests.map(({ user }) => user).join(', ')}`); });
await gate.spawnWorker(new URL('worker.js', import.meta.url), { name: 'worker' });

if (stay) {
  for (const user of ['ada', 'bob']) print(`${user}: ${url}/?user=${user}`);
  print('open both; "revoke ada" sends her away, Ctrl-C ends it');
  const input = createInterface(process.stdin).on('line', (line) => {
    const [word, user = '', ...reason] = line.trim().split(' ');
    if (word === 'revoke') print(`${gate.revoke(user, reason.join(' ') || undefined)} sent away`);
  });
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  input.close();
} else {
  const visitors = [startVisitor('ada', url), startVisitor('bob', url)] as const;
  try {
    const wrong = await play(...visitors, print);
    print(wrong === 0 ? 'right: yes' : `right: no, ${wrong} times`);
    process.exitCode = wrong === 0 ? 0 : 1;
  } finally {
    for (const visitor of visitors) visitor.close();
  }
}
await gate.close();
site.close();
