import { createNode, type NodeOptions } from 'rxmp';
import { send, type GuestsOption } from 'rxmp/guests';
import type { Listening, System } from '../harness/system.js';
import { connected, createRxmp, listenOn, SECRET } from './rxmp.js';

/** What is measured is the gate, not how it slows a guest down. */
const [messages, octets] = [1e9, 1e12];
const limits = { messagesPerSecond: messages, bytesPerSecond: octets };

const letIn = (address: () => string): GuestsOption => ({ admit: (user) => ({ user, may: [send(address().split(' ')[1] ?? '')], limits }) });

const BIND: NodeOptions = { binds: ['ws://127.0.0.1:0'], secret: SECRET, limits: { userMessageRate: messages, userOctetRate: octets } };

/** The end that connects is a guest: of the end that listens, or of a gate between them. */
export const system: System = {
  async listen(sink) {
    const listening: Listening = listenOn(await createNode({ ...BIND, guests: letIn(() => listening.address) }), sink);
    return listening;
  },

  async pass(address) {
    const [seed = '', port = ''] = address.split(' ');
    const gate = await createNode({ ...BIND, seeds: [seed], guests: letIn(() => address) });
    await connected(gate);
    return { address: `${gate.addresses[0] ?? ''} ${port}`, close: () => gate.close() };
  },

  connect: createRxmp({ secret: undefined, credentials: 'bench' }).connect,
};
