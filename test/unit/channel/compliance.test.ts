import { describe, it } from 'vitest';
import { transportCompliance } from '../../../src/testing/index.js';
import type { Transport } from '../../../src/transport/duplex.js';
import { channelTransport, LIMITS, relayed, transportOn, type CarrierOptions } from './carrier.js';
import { onLink } from './link-carrier.js';

const under = (options: Omit<CarrierOptions, 'requested'>) => of(() => channelTransport(options));
const of = (make: () => Transport, between = 0) => () =>
  Promise.resolve({
    ...{ transport: make(), between },
    bind: 'channel://any',
    address: (listening: string) => listening,
    close: () => Promise.resolve(),
  });

transportCompliance('channel', under({}), { describe, it });
transportCompliance('channel on a carrier that has enough after a packet', under({ capacity: 1 }), { describe, it });
transportCompliance('channel with a small window', under({ limits: { channelWindow: 4096, channelPiece: 1024 } }), { describe, it });

transportCompliance('channel through a relay', of(() => transportOn(relayed()), LIMITS.channelWindow), { describe, it });
transportCompliance('channel through a relay with a small window', of(() => transportOn(relayed({ limits: { channelWindow: 4096, channelPiece: 1024 } })), 4096), { describe, it });

for (const framing of ['rxmp_json', 'json', 'cbor'] as const) {
  transportCompliance(`channel over a link in ${framing}`, of(() => transportOn(onLink({ framing }))), { describe, it });
  transportCompliance(`channel over a link in ${framing} that is resumed again and again`, of(() => transportOn(onLink({ framing, breaksAfter: 300_000 }))), { describe, it });
}
