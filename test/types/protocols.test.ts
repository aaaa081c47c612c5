import { describe, expectTypeOf, it } from 'vitest';
import { of, type Observable } from 'rxjs';
import type { Guard, Message, MpNode, Port, PortId, Reason, RemotePort } from '../../src/index.js';

type Adder =
  | ['add', number, number, PortId<[sum: number]>]
  | ['name', PortId<[name: string, version: number]>]
  | ['log', string, { readonly level: number }]
  | ['stop'];

/** Types only: what is in here never runs. */
function never(_code: (node: MpNode, adder: Port<Adder>, remote: PortId<Adder>) => void): void {
  // nothing to run
}

describe('typed protocols', () => {
  it('port and ref remember what they take', () => {
    never((node) => {
      expectTypeOf(node.port<Adder>()).toEqualTypeOf<Port<Adder>>();
      expectTypeOf(node.port<Adder>().id).toEqualTypeOf<PortId<Adder>>();
      expectTypeOf(node.ref<Adder>('a#b')).toEqualTypeOf<RemotePort<Adder>>();
      expectTypeOf(node.ref<Adder>('a#b').next).parameter(0).toEqualTypeOf<Readonly<Adder>>();
      // a tuple that is read-only, as `as const` makes it, is as good a message
      of(['stop'] as const).subscribe(node.ref<Adder>('a#b'));
      of(['stop'] as const).subscribe(node.port<Adder>());
      // @ts-expect-error: no such tag
      of(['stopp'] as const).subscribe(node.ref<Adder>('a#b'));
      expectTypeOf(node.spawn<Adder>('node', 'init')).toEqualTypeOf<PortId<Adder>>();
    });
  });

  it('snd takes the messages of a protocol, by port or by id', () => {
    never((node, adder, remote) => {
      expectTypeOf(node.snd(adder, 'log', 'text', { level: 1 })).toEqualTypeOf<boolean>();
      node.snd(remote, 'stop');
      node.snd('any#id', 'whatever', 1, 2);
      // @ts-expect-error: no such tag
      node.snd(adder, 'subtract', 1, 2);
      // @ts-expect-error: an argument is missing
      node.snd(adder, 'log', 'text');
      // @ts-expect-error: the wrong kind of argument
      node.snd(remote, 'log', 7, { level: 1 });
      // @ts-expect-error: too many arguments
      node.snd(remote, 'stop', 'now');
    });
  });

  it('rcv by tag is a stream of what follows the tag; without one, of whole messages', () => {
    never((node, adder, remote) => {
      expectTypeOf(node.rcv(adder, 'log')).toEqualTypeOf<Observable<readonly [string, { readonly level: number }]>>();
      expectTypeOf(node.rcv(remote, 'stop')).toEqualTypeOf<Observable<readonly []>>();
      expectTypeOf(node.rcv(adder)).toEqualTypeOf<Observable<Adder>>();
      // @ts-expect-error: no such tag
      void node.rcv(adder, 'subtract');
    });
  });

  it('handlers know their arguments', () => {
    never((node, adder) => {
      const same = node.rcv(adder, {
        add: (a, b, reply) => {
          expectTypeOf(a).toEqualTypeOf<number>();
          expectTypeOf(b).toEqualTypeOf<number>();
          expectTypeOf(reply).toEqualTypeOf<PortId<[sum: number]>>();
          node.snd(reply, a + b);
          // @ts-expect-error: the answer is a number
          node.snd(reply, 'sum');
        },
        stop: undefined,
      });
      expectTypeOf(same).toEqualTypeOf<Port<Adder>>();
      // @ts-expect-error: the argument is a text
      void node.rcv(adder, { log: (text: number) => text });
      // a handler that needs less is fine, also an async one
      void node.rcv(adder, { log: async () => Promise.resolve() });
      void node.rcv(adder, (...message) => {
        expectTypeOf(message).toEqualTypeOf<Adder>();
      });
    });
  });

  it('cal takes a message without its reply port, and infers the reply', () => {
    never((node, adder, remote) => {
      expectTypeOf(node.cal(adder, 'add', 1, 2)).toEqualTypeOf<Observable<[sum: number]>>();
      expectTypeOf(node.cal(remote, 'name', { timeout: 5 })).toEqualTypeOf<Observable<[name: string, version: number]>>();
      expectTypeOf(node.cal('any#id', 'whatever')).toEqualTypeOf<Observable<readonly unknown[]>>();
      // @ts-expect-error: nobody answers this tag
      void node.cal(adder, 'log', 'text', { level: 1 });
      // @ts-expect-error: an argument is missing
      void node.cal(adder, 'add', 1);
    });
  });

  it('mon has one form for each kind, and callbacks take the reason whole or in parts', () => {
    never((node, adder) => {
      expectTypeOf(node.mon(adder)).toEqualTypeOf<Observable<Reason>>();
      expectTypeOf(node.mon(adder, 'other#port')).toEqualTypeOf<Guard>();
      expectTypeOf(node.mon(adder, 'other#port', 'lost', 1)).toEqualTypeOf<Guard>();
      node.mon(adder, (...reason) => {
        expectTypeOf(reason).toEqualTypeOf<Reason>();
      });
      node.mon(adder, (kind, ...details) => {
        expectTypeOf(kind).toEqualTypeOf<string | undefined>();
        expectTypeOf(details).toEqualTypeOf<unknown[]>();
      });
      node.mon(adder, (kind) => kind);
      node.mon(adder, () => undefined);
    });
  });

  it('mailboxes and after know the protocol too', () => {
    never((node, adder) => {
      expectTypeOf(node.mailbox(adder).receive()).toEqualTypeOf<Promise<Adder>>();
      expectTypeOf(node.after(5, adder, 'stop')).toEqualTypeOf<Guard>();
      // @ts-expect-error: no such message
      node.after(5, adder, 'start');
      expectTypeOf(node.psub((a: number) => a > 1)).toEqualTypeOf<(a: number) => boolean | undefined>();
    });
  });

  it('a default handler is protocol enough', () => {
    never((node) => {
      const port = node.port((a: number, b: string) => [a, b]);
      expectTypeOf(port).toEqualTypeOf<Port<[a: number, b: string]>>();
      node.snd(port, 1, 'x');
      // @ts-expect-error: not what the handler takes
      node.snd(port, 'x', 1);
    });
  });

  it('a port without a protocol takes anything', () => {
    never((node) => {
      const port = node.port();
      expectTypeOf(port).toEqualTypeOf<Port>();
      expectTypeOf(node.cal(port, 'add', 2, 3)).toEqualTypeOf<Observable<readonly unknown[]>>();
      expectTypeOf(node.cal(port, 'add', 2, 3, { timeout: 5 })).toEqualTypeOf<Observable<readonly unknown[]>>();
      node.snd(port, 'x', 1, null);
      expectTypeOf(node.rcv(port)).toEqualTypeOf<Observable<Message>>();
      expectTypeOf(node.rcv(port, 'tag')).toEqualTypeOf<Observable<readonly unknown[]>>();
    });
  });
});
