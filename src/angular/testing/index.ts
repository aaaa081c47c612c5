import { TestBed } from '@angular/core/testing';
import type { EnvironmentProviders } from '@angular/core';
import { provideRxmp } from 'rxmp/angular';
import type { TestNetwork, TestNodeOptions } from 'rxmp/testing';
import { inContext } from '../in-context.js';

/** Options of {@link provideTestNode}. */
export interface TestAppOptions extends TestNodeOptions {
  /** The name of the application's node in the network. Default: `page`. */
  readonly name?: string | undefined;
}

/** Nodes that are being made, which may take real time: they load what they need. */
const opening = new WeakMap<TestNetwork, Promise<unknown>>();

/**
 * In place of `provideRxmp`: the application's node is one of a simulated network, on virtual time, without sockets. It is made when something
 * injects it first, and leaves the network with the application.
 *
 * @example
 * ```ts
 * const network = createNetwork();
 * const server = await network.node('server');
 * TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection(), provideTestNode(network, { seeds: ['server'] })] });
 *
 * const fixture = TestBed.createComponent(Rooms);
 * server.dbSet('rooms', 'blue', { title: 'Blue', seats: 4 });
 * await pass(network, 100);
 * expect(fixture.nativeElement.textContent).toContain('Blue');
 *
 * TestBed.resetTestingModule();
 * await network.close(); // rejects when the application has left anything behind
 * ```
 */
export function provideTestNode(network: TestNetwork, { name = 'page', ...options }: TestAppOptions = {}): EnvironmentProviders {
  return provideRxmp({
    open() {
      const node = network.node(name, inContext(options));
      opening.set(network, node);
      return node;
    },
    close: (node) => void node.close(),
  });
}

/** Lets virtual time go by, ms, for the network and the application: effects run and components are rendered before and after it. */
export async function pass(network: TestNetwork, ms: number): Promise<void> {
  TestBed.tick();
  await opening.get(network);
  await network.run(ms);
  TestBed.tick();
}
