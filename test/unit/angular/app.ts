import '@angular/compiler';
import { Component, DestroyRef, ErrorHandler, inject, provideZonelessChangeDetection, signal, type EnvironmentProviders, type Provider, type Type, type WritableSignal } from '@angular/core';
import { TestBed, type ComponentFixture } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';
import { Observable } from 'rxjs';
import type { MpNode, Port } from 'rxmp';
import { provideTestNode, type TestAppOptions } from 'rxmp/angular/testing';
import type { TestNetwork } from 'rxmp/testing';

TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());

/** Makes a component of a class, as the decorator does. */
export function component<T>(template: string, type: Type<T>, imports: Type<unknown>[] = []): Type<T> {
  Component({ selector: selectorOf(type), template, imports })(type);
  return type;
}

const selectorOf = (type: Type<unknown>): string => `test-${type.name.toLowerCase()}`;

export interface Errors {
  /** What Angular's `ErrorHandler` was told. */
  readonly told: unknown[];
}

/** Configures an application without zones. */
export function provide(...providers: (Provider | EnvironmentProviders)[]): Errors {
  const told: unknown[] = [];
  const errors = { provide: ErrorHandler, useValue: { handleError: (error: unknown) => told.push(error) } };
  TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection(), errors, ...providers] });
  return { told };
}

/** A server, and an application that will be connected with it. */
export async function withServer(network: TestNetwork, options: TestAppOptions = {}): Promise<MpNode> {
  const server = await network.node('server');
  provide(provideTestNode(network, { seeds: ['server'], ...options }));
  return server;
}

/** A component that is there while `isShown`; `now` is its newest instance. */
export function toggled<T>(type: Type<T>, template = ''): { fixture: ComponentFixture<unknown>; isShown: WritableSignal<boolean>; now: () => T; destroyed: () => number } {
  let now: T | undefined;
  let destroyed = 0;
  const isShown = signal(true);
  class Shown extends (type as Type<object>) {
    constructor() {
      super();
      now = this as unknown as T;
      inject(DestroyRef).onDestroy(() => { destroyed++; });
    }
  }
  class Host {
    readonly isShown = isShown;
  }
  const host = component('@if (isShown()) { <test-shown /> }', Host, [component(template, Shown)]);
  return { fixture: TestBed.createComponent(host), isShown, now: () => now!, destroyed: () => destroyed };
}

/** What of a node is in use. */
export interface Use {
  readonly ports: number;
  readonly streams: number;
  readonly keys: number;
  readonly scopes: number;
}

/** The node with a count of all that was opened with it and is not closed; `opens` hears of each time that something is opened. */
export function counted(node: MpNode, opens: (what: string) => void = () => {}): { node: MpNode; use: () => Use } {
  const ports = new Set<Port>();
  const keys = new Set<object>();
  const scopes = new Set<object>();
  let streams = 0;

  const watched = <T>(what: string, stream$: Observable<T>): Observable<T> =>
    new Observable((subscriber) => {
      streams++;
      opens(what);
      subscriber.add(() => { streams--; });
      subscriber.add(stream$.subscribe(subscriber));
    });
  const functions = {
    port: (...args: []) => {
      opens('port');
      const port = node.port(...args);
      ports.add(port);
      node.mon(port, () => { ports.delete(port); });
      return port;
    },
    mon: (port: string) => watched('mon', node.mon(port)),
    cal: (port: string, ...message: [unknown]) => watched('cal', node.cal(port, ...message)),
    dbMon: (family: string) => watched('dbMon', node.dbMon(family)),
    dbSet: (...args: Parameters<MpNode['dbSet']>) => {
      opens('dbSet');
      const guard = node.dbSet(...args);
      keys.add(guard);
      guard.add(() => { keys.delete(guard); });
      return guard;
    },
    federate: (name: string) => {
      opens('federate');
      const scope = node.federate(name);
      scopes.add(scope);
      scope.status$.subscribe({ complete: () => { scopes.delete(scope); } });
      return scope;
    },
  };
  return {
    node: { ...node, ...(functions as unknown as MpNode), status$: watched('status$', node.status$) },
    use: () => ({ ports: ports.size, streams, keys: keys.size, scopes: scopes.size }),
  };
}
