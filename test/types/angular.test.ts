import type { ResourceRef, Signal } from '@angular/core';
import type { Observable } from 'rxjs';
import type { MpNode, Port, PortId } from 'rxmp';
import { callResource, injectFamily, injectKey, injectPort, injectScope, injectService, membership, presence, provideRxmp, type FamilySignal, type ServiceSignal } from 'rxmp/angular';
import { $ } from 'rxmp/federation';
import { describe, expect, expectTypeOf, it } from 'vitest';

interface Room {
  readonly title: string;
}
interface Typing {
  readonly who: string;
}

// A7: what an application writes, once; it is so in all tests
declare module 'rxmp/angular' {
  interface Families {
    cards: Room;
    cursors: Typing;
  }
  interface Services {
    pricing: Pricing;
  }
}

type Pricing = ['quote', item: string, reply: PortId<[price: number]>] | ['name', reply: PortId<[name: string]>] | ['reset'];
type Fact = { readonly type: 'present'; readonly who: string } | { readonly type: 'says'; readonly text: string };

declare const pricing: PortId<Pricing>;
declare const later: Signal<PortId<Pricing> | undefined>;

/** Type tests are for the compiler. */
const check = (name: string, code: () => void): void => {
  it(name, () => {
    expect(code).toBeTypeOf('function');
  });
};

describe('A7: families are declared once', () => {
  check('injectFamily, injectKey', () => {
    expectTypeOf(injectFamily('cards')).toEqualTypeOf<FamilySignal<Room>>();
    expectTypeOf(injectFamily('cards')()).toEqualTypeOf<ReadonlyMap<string, Room>>();
    expectTypeOf(injectKey('cards', () => 'blue')).toEqualTypeOf<Signal<Room | undefined>>();
  });
  check('those that are not declared are unknown, or what the caller says', () => {
    expectTypeOf(injectFamily('others')).toEqualTypeOf<FamilySignal<unknown>>();
    expectTypeOf(injectFamily<number>('scores')()).toEqualTypeOf<ReadonlyMap<string, number>>();
    expectTypeOf(injectKey<number>('scores', () => undefined)).toEqualTypeOf<Signal<number | undefined>>();
  });
  check('presence: values of a family that is declared are checked', () => {
    expectTypeOf(presence('cursors', () => ({ who: 'ada' }))).toEqualTypeOf<Signal<Typing | undefined>>();
    expectTypeOf(presence('scores', () => 7)).toEqualTypeOf<Signal<number | undefined>>();
    // @ts-expect-error -- it is a Typing
    presence('cursors', () => ({ what: 'ada' }));
  });
});

describe('A7: protocols of ports', () => {
  check('injectService: those of a family are declared once, or said', () => {
    const service = injectService('pricing');
    expectTypeOf(service).toEqualTypeOf<ServiceSignal<Pricing>>();
    expectTypeOf(service()).toEqualTypeOf<PortId<Pricing> | undefined>();
    expectTypeOf(injectService<['reset']>('others')()).toEqualTypeOf<PortId<['reset']> | undefined>();
    expectTypeOf(service.cal('quote', 'tea')).toEqualTypeOf<Observable<[price: number]>>();
    expectTypeOf(service.snd('reset')).toEqualTypeOf<boolean>();
    // @ts-expect-error -- an item is a text
    void service.cal('quote', 7);
    // @ts-expect-error -- there is no such tag
    service.snd('order');
  });
  check('membership: the port is that which is given', () => {
    expectTypeOf(membership(injectService('pricing'), (port, node) => {
      expectTypeOf(port).toEqualTypeOf<PortId<Pricing>>();
      expectTypeOf(node).toEqualTypeOf<MpNode>();
    })).toEqualTypeOf<Signal<boolean>>();
  });
  check('callResource: the answer is that of the tag', () => {
    expectTypeOf(callResource({ port: pricing, params: () => ['quote', 'tea'] })).toEqualTypeOf<ResourceRef<[price: number] | undefined>>();
    expectTypeOf(callResource({ port: later, params: () => ['name'] })).toEqualTypeOf<ResourceRef<[name: string] | undefined>>();
    expectTypeOf(callResource({ port: pricing, params: (): ['quote', string] | undefined => undefined })).toEqualTypeOf<ResourceRef<[price: number] | undefined>>();
  });
  check('callResource<Pricing>: for a port without a type', () => {
    expectTypeOf(callResource<Pricing>({ port: 'shop#pricing', params: () => ['quote', 'tea'], timeout: 2_000 })).toEqualTypeOf<
      ResourceRef<[price: number] | [name: string] | undefined>
    >();
  });
  check('callResource: what the port does not take is an error', () => {
    // @ts-expect-error -- an item is a text
    callResource({ port: pricing, params: () => ['quote', 7] });
    // @ts-expect-error -- there is no such tag
    callResource<Pricing>({ port: 'shop#pricing', params: () => ['order'] });
  });
  check('injectPort', () => {
    expectTypeOf(injectPort<['news', string]>({ news: (text) => { expectTypeOf(text).toEqualTypeOf<string>(); } })).toEqualTypeOf<Signal<Port<['news', string]> | undefined>>();
    // @ts-expect-error -- there is no such tag
    injectPort<['news', string]>({ olds: () => {} });
  });
});

check('injectScope: captures are known from the pattern', () => {
  expectTypeOf(injectScope<Fact>('room').signal({ type: 'present', who: $ })).toEqualTypeOf<Signal<readonly { readonly who: string }[]>>();
  // @ts-expect-error -- it has no such field
  injectScope<Fact>('room').signal({ type: 'present', text: $ });
  // @ts-expect-error -- there is no such fact
  injectScope<Fact>('room').asserting(() => ({ type: 'absent' }));
});

check('provideRxmp: options are those of a node', () => {
  provideRxmp({ seeds: ['wss://shop.example/mp'], credentials: () => 'ticket', resumeTime: 15_000 });
  // @ts-expect-error -- no such option
  provideRxmp({ seed: 'wss://shop.example/mp' });
});
