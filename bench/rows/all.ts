import type { Row } from '../harness/row.js';
import { bundleRows } from './bundle.js';
import { databaseRows } from './database.js';
import { federationRows } from './federation.js';
import { growingRows } from './growing.js';
import { guestRows } from './guests.js';
import { itemsRows } from './items.js';
import { localRows } from './local.js';
import { memoryRows } from './memory.js';
import { oneWayRows } from './one-way.js';
import { relayedRows } from './relayed.js';
import { resumedRows } from './resumed.js';
import { roundTripRows } from './round-trips.js';
import { startRows } from './start.js';
import { streamRows } from './streams.js';
import { workersRows } from './workers.js';

/** All rows, those with an id or a beginning of it that is named in `only` (`cal` is `cal.1.core` too). */
export function allRows(isQuick: boolean, only: readonly string[] = []): readonly Row[] {
  const rows = [
    ...localRows(),
    ...oneWayRows(),
    ...roundTripRows(),
    ...relayedRows(),
    ...resumedRows(),
    ...guestRows(isQuick),
    ...streamRows(),
    ...databaseRows(isQuick),
    ...federationRows(),
    ...growingRows(isQuick),
    ...itemsRows(),
    ...workersRows(),
    ...memoryRows(isQuick),
    ...startRows(),
    ...bundleRows(),
  ];
  const isNamed = (name: string, { id }: Row): boolean => id === name || id.startsWith(`${name}.`);
  const unknown = only.filter((name) => !rows.some((row) => isNamed(name, row)));
  if (unknown.length > 0) throw new RangeError(`no row ${unknown.join(', ')}; there are ${rows.map(({ id }) => id).join(', ')}`);
  return only.length === 0 ? rows : rows.filter((row) => only.some((name) => isNamed(name, row)));
}
