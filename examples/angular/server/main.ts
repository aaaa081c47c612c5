/**
 * The server of the board: one HTTP server that gives out the built pages, tells who is signed in, and is the gate for the nodes of the pages;
 * behind it the board, the chat, and workers in processes of their own.
 *
 * `PORT` (8080) is where it listens, `DATA` (`data`) the folder for what has to be there after a restart, `WORKERS` (3) how many there are,
 * `LIGHTS` (10,000) and `CHANGES` (1,000 each second) what the page of lights shows.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createNode, webSocketTransport } from 'rxmp';
import { openBoard } from './board.js';
import { openData } from './data.js';
import { openRoom } from './room.js';
import { openSessions } from './sessions.js';
import { createSite } from './site.js';
import { startWorkers } from './workers.js';

const data = openData(process.env['DATA'] ?? 'data');
const sessions = await openSessions(data.key());

const site = createSite(sessions);
site.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1');
await once(site, 'listening');

// pages come to the HTTP server with what their sessions give them, workers to a port of their own with the secret
const secret = randomBytes(24).toString('base64url');
const gate = await createNode({
  nodeid: 'board/gate',
  binds: ['ws://server/mp', '127.0.0.1:0'],
  transports: [webSocketTransport({ server: site })],
  secret,
  guests: sessions.guests,
  resumeTime: 15_000,
});
openBoard(gate, data);
openRoom(gate, data);
const workers = startWorkers(gate, secret, Number(process.env['WORKERS'] ?? 3));

console.log(`http://127.0.0.1:${(site.address() as AddressInfo).port}`);

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
workers.stop();
await gate.close();
site.close();
