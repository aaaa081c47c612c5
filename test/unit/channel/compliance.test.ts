import { describe, it } from 'vitest';
import { transportCompliance } from '../../../src/testing/index.js';
import { channelTransport, type CarrierOptions } from './carrier.js';

const under = (options: Omit<CarrierOptions, 'requested'>) => () =>
  Promise.resolve({
    transport: channelTransport(options),
    bind: 'channel://any',
    address: (listening: string) => listening,
    close: () => Promise.resolve(),
  });

transportCompliance('channel', under({}), { describe, it });
transportCompliance('channel on a carrier that has enough after a packet', under({ capacity: 1 }), { describe, it });
transportCompliance('channel with a small window', under({ limits: { channelWindow: 4096, channelPiece: 1024 } }), { describe, it });
