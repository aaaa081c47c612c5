import { inject, type Signal } from '@angular/core';
import type { MpNode } from 'rxmp';
import { APP_NODE } from './app-node.js';

/**
 * The node of the application, made when it is injected first (A6). Undefined until it is there, which needs no network, and on a server.
 *
 * What you open with it is yours to close: the other functions of this entry do that for you.
 *
 * @example
 * ```ts
 * class Lobby {
 *   readonly node = injectNode();
 *   greet(port: string) {
 *     this.node()?.snd(port, 'hello');
 *   }
 * }
 * ```
 */
export function injectNode(): Signal<MpNode | undefined> {
  return inject(APP_NODE).node;
}
