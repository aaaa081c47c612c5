import '@angular/compiler';
import { Component, provideZonelessChangeDetection, signal, type EnvironmentProviders, type Provider, type Type } from '@angular/core';
import { TestBed, type ComponentFixture } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';
import type { MpNode } from 'rxmp';
import { provideTestNode, type TestAppOptions } from 'rxmp/angular/testing';
import type { TestNetwork } from 'rxmp/testing';

TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());

/** Makes a component of a class, as the decorator does. */
export function component<T>(template: string, type: Type<T>, imports: Type<unknown>[] = []): Type<T> {
  return Component({ selector: `test-${type.name.toLowerCase()}`, template, imports })(type) as Type<T> | undefined ?? type;
}

export function provide(...providers: (Provider | EnvironmentProviders)[]): void {
  TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection(), ...providers] });
}

/** An application at a server, which is connected. */
export async function withServer(network: TestNetwork, options: TestAppOptions = {}): Promise<MpNode> {
  const server = await network.node('server');
  provide(provideTestNode(network, { seeds: ['server'], ...options }));
  return server;
}

/** A component that is there while `isShown`. */
export function toggled<T>(type: Type<T>): { fixture: ComponentFixture<unknown>; isShown: ReturnType<typeof signal<boolean>> } {
  const isShown = signal(true);
  class Host {
    readonly isShown = isShown;
    readonly type = type;
  }
  const host = component(`@if (isShown()) { <test-${type.name.toLowerCase()} /> }`, Host, [type]);
  return { fixture: TestBed.createComponent(host), isShown };
}
