import { makeEnvironmentProviders, type EnvironmentProviders } from '@angular/core';
import { of } from 'rxjs';
import { createNode, type MpNode, type NodeOptions } from 'rxmp';
import { APP_NODE, createAppNode, type NodeSource } from './app-node.js';
import { inContext } from './in-context.js';

/**
 * Gives an application its node. It is made when something injects it first, closed with the application, and never made on a server, where
 * nothing is opened (A6). Options that are wrong make `injectRxmpStatus` say `failed`, and Angular's `ErrorHandler` is told.
 *
 * @param source Options of `createNode`; or a function that gives them, and may use `inject`; or {@link withNode}. `credentials` may use `inject`,
 * too, each time that it is asked.
 *
 * @example
 * ```ts
 * bootstrapApplication(App, {
 *   providers: [provideRxmp({ seeds: ['wss://shop.example/mp'], credentials: () => inject(Auth).token(), resumeTime: 15_000 })],
 * });
 * ```
 */
export function provideRxmp(source: NodeOptions | (() => NodeOptions) | NodeSource): EnvironmentProviders {
  const nodeSource = isSource(source) ? source : ownNode(source);
  return makeEnvironmentProviders([{ provide: APP_NODE, useFactory: () => createAppNode(nodeSource) }]);
}

/**
 * A node that somebody else has made, and closes: one that has to be there before Angular is.
 *
 * @example
 * ```ts
 * const node = await createNode({ seeds: ['wss://shop.example/mp'], credentials: ticket });
 * await bootstrapApplication(App, { providers: [provideRxmp(withNode(node))] });
 * ```
 */
export function withNode(node: MpNode): NodeSource {
  return { open: () => of(node), close: () => {} };
}

const isSource = (source: NodeOptions | (() => NodeOptions) | NodeSource): source is NodeSource => 'open' in source;

function ownNode(source: NodeOptions | (() => NodeOptions)): NodeSource {
  return {
    open: () => createNode(inContext(typeof source === 'function' ? source() : source)),
    close: (node) => void node.close(),
  };
}
