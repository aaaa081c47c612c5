import { createServer, type AddressInfo } from 'node:net';
import { nodeOf, portNameOf } from '../../src/wire/portid.js';
import { hmacProof, type GreetingLines } from '../../src/wire/proof.js';
import { clientOf, type Client } from './client.js';
import { introduce } from './handshake.js';
import type { Message } from './recorded.js';

/** What AnyEvent::MP 2.02 knows as requests to its node port; another tag is the name of a function that it calls. */
const KNOWN: ReadonlySet<unknown> = new Set([
  ...[undefined, '', 'snd', 'mon0', 'mon1', 'kil', 'kil0', 'kil1', 'can', 'time', 'devnull', 'eval', 'AnyEvent::MP::_spawn'],
  ...['g_slave', 'g_global', 'g_set', 'g_upd', 'g_find', 'g_found', 'g_db_family', 'g_db_keys', 'g_db_values', 'g_reply', 'g_mon0', 'g_mon1', 'g_chg1', 'g_chg2'],
]);

/** A node that behaves like one of AnyEvent::MP 2.02, as far as messages, monitors and its listener go. */
export interface PerlNode extends AsyncDisposable {
  /** A port; what it gets goes to `take`. */
  port(name: string, take: (...message: Message) => void): string;
  snd(port: string, ...message: Message): void;
  kil(port: string, ...reason: Message): void;
  /** Nodes that have connected with its listener, with the first line of each. */
  readonly greetings: ReadonlyMap<string, string>;
  /** What it was told and does not know. */
  readonly unknown: readonly Message[];
}

/** Its greeting is that of the recordings. */
const greeting = (node: string, address: string): string => `aemp;1;${node};tls_sha3_512,hmac_sha3_512,tls_anon,cleartext;json;peeraddr=${address};mproto=1;provider=AE-2.01;gproto=1`;
const NONCE = 'l5ug1WXAAYIsp1LXNnVn+JHJux9V0RPOd9kH/F7k8cK6OAOD/R3nIe+sahK3D09XpSUQGmm0K+xuH6d5dKLAjD/6';
const POLL = 5;

/** Joins the network of the node at an address, as its slave, with ports that are in a family. */
export async function startPerlNode(id: string, master: { readonly node: string; readonly address: string }, secret: string, family: string, names: readonly string[]): Promise<PerlNode> {
  const peers = new Map<string, Client>();
  const ports = new Map<string, (...message: Message) => void>();
  const monitors = new Map<string, Set<Client>>();
  const greetings = new Map<string, string>();
  const unknown: Message[] = [];

  const receive = (client: Client, [portName, ...message]: Message): void => {
    if (portName !== '') {
      ports.get(String(portName))?.(...message);
      return;
    }
    const [tag, name] = message;
    if (!KNOWN.has(tag)) unknown.push(message);
    if (tag === 'mon1' && typeof name === 'string') {
      if (ports.has(name)) monitors.set(name, (monitors.get(name) ?? new Set()).add(client));
      else client.send('', 'kil0', name, 'no_such_port', 'message to nonexistent port');
    } else if (tag === 'mon0' && typeof name === 'string') monitors.get(name)?.delete(client);
  };
  const serve = (client: Client): void => {
    for (const message of client.take()) receive(client, message);
  };

  const server = createServer((socket) => {
    const client = clientOf(socket);
    const own: GreetingLines = [greeting(id, client.address), NONCE];
    client.write(`${own.join('\n')}\n`);
    void client.lines(3).then(([first, nonce, proof]) => {
      if (first === undefined || nonce === undefined || proof === undefined) return;
      if (proof.split(';')[1] !== hmacProof(secret, [first, nonce], own)) {
        socket.destroy();
        return;
      }
      const node = first.split(';')[2] ?? '';
      greetings.set(node, first);
      client.write(`hmac_sha3_512;${hmacProof(secret, own, [first, nonce])};json\n`);
      client.startData({ received: 'json', sent: 'json', node: id });
      peers.set(node, client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const home = await introduce(master.address, { node: id, secret, keys: ['mproto=1', 'provider=AE-2.01', 'gproto=1'] });
  peers.set(master.node, home);
  home.send('', 'g_slave', { "'l": { [id]: [address] }, [family]: Object.fromEntries(names.map((name) => [`${id}#${name}`, null])) });
  const timer = setInterval(() => { for (const client of peers.values()) serve(client); }, POLL);

  return {
    port(name, take) {
      ports.set(name, take);
      return `${id}#${name}`;
    },
    snd: (port, ...message) => { peers.get(nodeOf(port))?.send(portNameOf(port), ...message); },
    kil(port, ...reason) {
      const name = portNameOf(port);
      ports.delete(name);
      for (const client of monitors.get(name) ?? []) client.send('', 'kil0', name, ...reason);
      monitors.delete(name);
    },
    greetings,
    unknown,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all([...peers.values()].map((client) => client.close()));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
