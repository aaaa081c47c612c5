import { Subscription, type Observable } from 'rxjs';
import { GLOBALS } from './core/names.js';
import type { FamilyChange } from './family-change.js';

export interface MeshContext {
  readonly self: string;
  watch(family: string): Observable<FamilyChange>;
  keep(node: string): void;
  drop(node: string): void;
}

/** Keeps a global node connected with all others that anybody knows of (S22). */
export function createMesh({ self, watch, keep, drop }: MeshContext) {
  const watching = new Subscription();
  return {
    start(): void {
      watching.add(
        watch(GLOBALS).subscribe(({ add, del }) => {
          for (const node of add) if (node !== self) keep(node);
          for (const node of del) drop(node);
        }),
      );
    },
    close(): void {
      watching.unsubscribe();
    },
  };
}
