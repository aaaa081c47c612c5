import { createNode } from 'rxmp';
import { connected, listenOn, SECRET, system as direct } from './rxmp.js';
import type { System } from '../harness/system.js';

/** rxmp through a relay: the end that listens tells nobody where, and only the process between knows. */
export const system: System = {
  async listen(sink) {
    return listenOn(await createNode({ binds: ['127.0.0.1:0'], advertise: [], secret: SECRET }), sink);
  },

  async pass(address) {
    const [seed = '', port = ''] = address.split(' ');
    const hub = await createNode({ binds: ['127.0.0.1:0'], seeds: [seed], global: true, secret: SECRET });
    await connected(hub);
    return { address: `${hub.addresses[0] ?? ''} ${port}`, close: () => hub.close() };
  },

  connect: direct.connect,
};
