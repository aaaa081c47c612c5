import type { Observable } from 'rxjs';
import { GLOBALS } from './core/names.js';
import type { FamilyChange } from './family-change.js';

export interface MeshContext {
  readonly self: string;
  watch(family: string): Observable<FamilyChange>;
  keep(node: string): void;
  drop(node: string): void;
}

/** Keeps a global node connected with all others that anybody knows of (S22), until the database closes and completes what is watched. */
export function joinMesh({ self, watch, keep, drop }: MeshContext): void {
  watch(GLOBALS).subscribe(({ add, del }) => {
    for (const node of add) if (node !== self) keep(node);
    for (const node of del) drop(node);
  });
}
