import { firstValueFrom, map, type Observable } from 'rxjs';
import type { FamilyChange, MpNode } from 'rxmp';
import { settled } from 'rxmp/testing';
import type { World } from './world.js';

/** A change in words: `+` keys that were added, `~` changed, `-` gone, each with its value, then how many there are. */
const drawn = map(({ family, add, chg, del }: FamilyChange): string =>
  [
    ...[...add].sort().map((key) => `+${key}=${String(family.get(key))}`),
    ...[...chg].sort().map((key) => `~${key}=${String(family.get(key))}`),
    ...[...del].sort().map((key) => `-${key}`),
    `(${family.size})`,
  ].join(' '),
);

/** The changes of `fam`, in words. */
export const watched = (node: MpNode): Observable<string> => node.dbMon('fam').pipe(drawn);

/** What is in `fam`. */
export const content = (world: World, node: MpNode): Promise<ReadonlyMap<string, unknown>> =>
  settled(world.clock, firstValueFrom(node.dbFamily('fam')));
