import type { Command } from 'commander';
import { firstValueFrom, forkJoin } from 'rxjs';
import { GLOBALS, LISTENERS, RELAYS, WEB_LISTENERS } from '../database/core/names.js';
import { viaAddress } from '../transport/address.js';
import { join, joining, type JoinFlags } from './join.js';
import { jsonOf, printLine, printLines } from './print.js';

interface NodesFlags extends JoinFlags {
  readonly json?: boolean;
}

/** `rxmp nodes`: who is in the network. */
export function addNodes(program: Command): void {
  joining(
    program
      .command('nodes')
      .summary('list the nodes of the network')
      .description(
        'Prints a line for each node: its id, a tab, "global" or "-", a tab, and its addresses, a comma list, or "-". An address that begins ' +
          'with "via:" is a node through which this one is reached: private nodes, which listen nowhere, have only such. ' +
          'This command\'s own node is left out.',
      )
      .option('--json', 'one line of JSON for all: [{"node":"hub","global":true,"addresses":["10.0.0.1:4040"]}]'),
  ).action(nodes);
}

function nodes({ json, ...flags }: NodesFlags): Promise<void> {
  return join(flags, async ({ node, inTime }) => {
    const [globals, relays, ...listeners] = await firstValueFrom(
      forkJoin([GLOBALS, RELAYS, LISTENERS, WEB_LISTENERS].map((family) => node.dbFamily(family))).pipe(inTime('the database gave no answer')),
    );
    const ids = new Set([globals, relays, ...listeners].flatMap((family) => [...(family?.keys() ?? [])]));
    ids.delete(node.id);
    const list = [...ids].sort().map((id) => ({
      node: id,
      global: globals?.has(id) ?? false,
      addresses: [...listeners.flatMap((family) => addressesOf(family.get(id))), ...addressesOf(relays?.get(id)).map(viaAddress)],
    }));
    if (json) await printLine(jsonOf(list));
    else await printLines(list.map(({ node: id, global, addresses }) => [id, global ? 'global' : '-', addresses.join(',') || '-'].join('\t')));
  });
}

/** Where a node listens, of what it says: that may be anything. */
export function addressesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((address) => typeof address === 'string') : [];
}
