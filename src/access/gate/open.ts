import type { Database } from '../../database/database.js';
import { LISTENERS, RELAYS, WEB_LISTENERS } from '../../database/core/names.js';
import type { Env } from '../../env/env.js';
import type { NodeScope } from '../../federation/node.js';
import type { Tagged } from '../../federation/pattern.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { PortFunctions } from '../../kernel/port-functions.js';
import type { Network } from '../../network/network.js';
import { isGuestId } from '../../wire/guest-token.js';
import { createFamilies } from './families.js';
import { openDesk } from './desk.js';
import { createHouse, type House } from './house.js';
import { createReach } from './reach.js';
import { GUESTS } from './roster.js';
import { createScopes } from './scopes.js';
import type { GuestsOption } from './types.js';

/** The floors of the gate's node. */
export interface OpenContext {
  readonly env: Env;
  readonly kernel: Kernel;
  readonly network: Network;
  readonly database: Database;
  readonly functions: PortFunctions;
  federate(name: string): NodeScope<Tagged>;
  readonly monitorTimeout: number;
}

/** Where nodes tell how they can be reached: who is there is known. */
const PLACES = [LISTENERS, WEB_LISTENERS, RELAYS];

/** Makes a node a gate. */
export function openHouse(option: GuestsOption, { env, kernel, network, database, functions, federate, monitorTimeout }: OpenContext): House {
  const { id: gate, peers } = kernel;
  const places = createFamilies(database.watch);
  for (const family of PLACES) places.keep(family);

  const reach = createReach({ ...network.forGuests, env, peers, guest: (node) => house.gate.takeIn(node) });
  const house: House = createHouse({
    ...{ option, env, gate, monitorTimeout },
    network: { ...network.forGuests, reach },
    watch: database.watch,
    scopes: createScopes({ env, node: functions, federate }),
    isNode: (text) => text === gate || isGuestId(text) || peers.isUp(text) !== undefined || PLACES.some((family) => places.has(family, text)),
    kil: (port, reason) => { if (!kernel.closed) kernel.kil(port, reason); },
    roster: {
      add(guest, entry) {
        database.publish(GUESTS, guest, entry);
        database.publish(RELAYS, guest, [gate]);
      },
      remove(guest) {
        for (const family of [GUESTS, RELAYS]) database.publish(family, guest, undefined);
      },
    },
  });
  network.setGuests(house.gate);
  openDesk(functions, house);
  return house;
}
