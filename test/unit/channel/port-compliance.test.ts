import { describe, it } from 'vitest';
import { transportCompliance } from '../../../src/testing/index.js';
import { portTransport, type EndOptions } from './port-transport.js';

const under = (options: EndOptions) => () => {
  const transport = portTransport(options);
  return Promise.resolve({
    transport,
    bind: 'port://any',
    address: (listening: string) => listening,
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  });
};

transportCompliance('V1 to V4: a MessagePort', under({}), { describe, it });
transportCompliance('V1 to V4: a MessagePort with a small window', under({ limits: { channelWindow: 4096, channelPiece: 1024 } }), { describe, it });
