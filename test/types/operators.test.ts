import { of, Subject, type Observable } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { FamilyChange, Message, MpNode, Port, PortId } from '../../src/index.js';
import {
  callWithRetry,
  firstNonEmpty,
  joinPorts,
  killOnComplete,
  killOnError,
  liveKeys,
  mergeMapKeys,
  reply,
  sendTo,
  spreadCalls,
  supervise,
  takeUntilDead,
  whileUp,
  withTag,
  type AnswerOf,
  type RequestOf,
  type SpreadReply,
} from '../../operators/index.js';

type Sum = ['sum', number];
type Calculator =
  | ['add', a: number, b: number, reply: PortId<Sum>]
  | ['log', text: string]
  | ['stop'];

// only types are looked at: nothing here runs
declare const node: MpNode;
declare const port: Port<Calculator>;
declare const id: PortId<Calculator>;
const numbers$ = new Subject<number>();

/** Type tests are for the compiler. */
const check = (name: string, code: () => void): void => {
  it(name, () => {
    expect(code).toBeTypeOf('function');
  });
};

describe('withTag', () => {
  check('knows the arguments of a tag from the union', () => {
    expectTypeOf(port.pipe(withTag('log'))).toEqualTypeOf<Observable<Readonly<[text: string]>>>();
    expectTypeOf(node.rcv(port).pipe(withTag('add'))).toEqualTypeOf<
      Observable<Readonly<[a: number, b: number, reply: PortId<Sum>]>>
    >();
    expectTypeOf(port.pipe(withTag('stop'))).toEqualTypeOf<Observable<readonly []>>();
  });
  check('takes any tag of a stream without types', () => {
    const untyped$ = new Subject<Message>();
    expectTypeOf(untyped$.pipe(withTag('anything'))).toEqualTypeOf<Observable<readonly unknown[]>>();
    expectTypeOf(untyped$.pipe(withTag(7))).toEqualTypeOf<Observable<readonly unknown[]>>();
  });
  check('refuses a tag that the union does not have, and streams of no messages', () => {
    // @ts-expect-error no such tag
    void port.pipe(withTag('sub'));
    // @ts-expect-error numbers are no messages
    void numbers$.pipe(withTag('add'));
  });
});

describe('operators that tie a stream to a port', () => {
  check('leave the values alone and take every form of a port', () => {
    expectTypeOf(numbers$.pipe(takeUntilDead(node, port))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(numbers$.pipe(killOnError(node, id))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(numbers$.pipe(killOnComplete(node, 'node#port'))).toEqualTypeOf<Observable<number>>();
  });
  check('refuse what is no port', () => {
    // @ts-expect-error a number is no port
    void numbers$.pipe(takeUntilDead(node, 1));
    // @ts-expect-error a stream is no port
    void numbers$.pipe(killOnError(node, numbers$));
    // @ts-expect-error the node is missing
    void numbers$.pipe(killOnComplete(port));
  });
});

describe('joinPorts', () => {
  check('gives the values of what join gives', () => {
    expectTypeOf(node.dbMon('rooms').pipe(joinPorts(node, () => numbers$))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(node.dbMon('rooms').pipe(joinPorts(node, (room) => void node.snd(room, 'join')))).toEqualTypeOf<Observable<never>>();
  });
});

describe('whileUp', () => {
  check('gives the values of what join gives', () => {
    expectTypeOf(whileUp(node, port, () => numbers$)).toEqualTypeOf<Observable<number>>();
    expectTypeOf(whileUp(node, id, () => Promise.resolve('x'))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(whileUp(node, port, (joined) => node.cal(joined, 'add', 1, 2))).toEqualTypeOf<Observable<Sum>>();
  });
  check('gives none where join gives an end, or nothing', () => {
    expectTypeOf(whileUp(node, 'node#port', () => () => undefined)).toEqualTypeOf<Observable<never>>();
    expectTypeOf(whileUp(node, port, () => node.dbSet('fam', 'key'))).toEqualTypeOf<Observable<never>>();
    expectTypeOf(whileUp(node, port, (joined) => node.snd(joined, 'stop'), { delay: { initial: 10 } })).toEqualTypeOf<Observable<never>>();
  });
  check('refuses what is no port, and wrong options', () => {
    // @ts-expect-error a number is no port
    void whileUp(node, 1, () => undefined);
    // @ts-expect-error no such option
    void whileUp(node, port, () => undefined, { pause: 1 });
  });
});

describe('reply', () => {
  check('knows requests and answers', () => {
    const sums$ = node.rcv(port, 'add').pipe(
      reply(node, (request, index) => {
        expectTypeOf(request).toEqualTypeOf<Readonly<[a: number, b: number]>>();
        expectTypeOf(index).toEqualTypeOf<number>();
        return ['sum', request[0] + request[1]];
      }),
    );
    expectTypeOf(sums$).toExtend<Observable<readonly ['sum', number]>>();
    expectTypeOf<RequestOf<Readonly<['q', Port<Sum>]>>>().toEqualTypeOf<Readonly<['q']>>();
    expectTypeOf<AnswerOf<['q', Port<Sum>]>>().toEqualTypeOf<Sum>();
    expectTypeOf<AnswerOf<['q', string]>>().toEqualTypeOf<Message>();
    expectTypeOf<RequestOf<['q', number]>>().toEqualTypeOf<never>();
  });
  check('takes one answer, a later one, several', () => {
    const add$ = node.rcv(port, 'add');
    const answer: Sum = ['sum', 1];
    void add$.pipe(reply(node, () => answer));
    void add$.pipe(reply(node, () => Promise.resolve(answer)));
    void add$.pipe(reply(node, () => of(answer, answer), { concurrency: 2, stream: true }));
    void add$.pipe(reply(node, async function* () { yield await Promise.resolve(answer); }));
  });
  check('takes requests without types', () => {
    const untyped$ = new Subject<readonly unknown[]>();
    expectTypeOf(untyped$.pipe(reply(node, ([n]) => [n, 'yes']))).toExtend<Observable<Message>>();
  });
  check('refuses answers that the reply port does not take', () => {
    // @ts-expect-error not an answer of this protocol
    void node.rcv(port, 'add').pipe(reply(node, () => ['difference', 1]));
    // @ts-expect-error an answer is a message, not a bare value
    void node.rcv(port, 'add').pipe(reply(node, ([a, b]) => a + b));
    // @ts-expect-error no such option
    void node.rcv(port, 'add').pipe(reply(node, (): Sum => ['sum', 1], { concurrent: 1 }));
  });
});

describe('sendTo', () => {
  check('takes the messages of the port', () => {
    const message$ = of(['log', 'text'] as const);
    expectTypeOf(message$.pipe(sendTo(node, port))).toEqualTypeOf<Observable<readonly ['log', 'text']>>();
    expectTypeOf(of<Calculator>(['stop']).pipe(sendTo(node, id))).toEqualTypeOf<Observable<Calculator>>();
    void of(['anything', 1] as const).pipe(sendTo(node, 'node#port'));
  });
  check('refuses other messages', () => {
    // @ts-expect-error the port takes no such message
    void of(['log', 7] as const).pipe(sendTo(node, port));
    // @ts-expect-error numbers are no messages
    void numbers$.pipe(sendTo(node, 'node#port'));
  });
});

describe('callWithRetry', () => {
  const request$ = of(['add', 1, 2] as const);
  check('knows the replies', () => {
    expectTypeOf(request$.pipe(callWithRetry(node, port))).toEqualTypeOf<Observable<Sum>>();
    expectTypeOf(request$.pipe(callWithRetry(node, id, { timeout: 10, count: 1, delay: 5 }))).toEqualTypeOf<Observable<Sum>>();
  });
  check('takes a port from a stream, a function or a promise', () => {
    expectTypeOf(request$.pipe(callWithRetry(node, of(id)))).toEqualTypeOf<Observable<Sum>>();
    expectTypeOf(request$.pipe(callWithRetry(node, (_, attempt) => (attempt > 1 ? id : id)))).toEqualTypeOf<Observable<Sum>>();
    expectTypeOf(request$.pipe(callWithRetry(node, () => Promise.resolve(id)))).toEqualTypeOf<Observable<Sum>>();
    expectTypeOf(request$.pipe(callWithRetry(node, 'node#port'))).toEqualTypeOf<Observable<readonly unknown[]>>();
  });
  check('refuses messages that nobody answers, and wrong options', () => {
    // @ts-expect-error `log` has no reply port
    void of(['log', 'text'] as const).pipe(callWithRetry(node, port));
    // @ts-expect-error wrong arguments
    void of(['add', 1] as const).pipe(callWithRetry(node, port));
    // @ts-expect-error a delay without its first time
    void request$.pipe(callWithRetry(node, port, { delay: { factor: 2 } }));
  });
});

describe('supervise', () => {
  check('gives typed port ids', () => {
    expectTypeOf(of('node').pipe(supervise<Calculator>(node, 'calculator'))).toEqualTypeOf<Observable<PortId<Calculator>>>();
    expectTypeOf(of('node').pipe(supervise(node, 'calculator'))).toEqualTypeOf<Observable<PortId>>();
  });
  check('refuses wrong sources and options', () => {
    // @ts-expect-error node ids are text
    void numbers$.pipe(supervise(node, 'calculator'));
    // @ts-expect-error `abnormal` or `always`
    void of('node').pipe(supervise(node, 'calculator', { restart: 'never' }));
  });
});

describe('operators on families', () => {
  const prices$ = new Subject<FamilyChange<number>>();
  check('know the values', () => {
    expectTypeOf(prices$.pipe(liveKeys())).toEqualTypeOf<Observable<readonly string[]>>();
    expectTypeOf(prices$.pipe(firstNonEmpty())).toEqualTypeOf<Observable<ReadonlyMap<string, number>>>();
    expectTypeOf(node.dbMon('family').pipe(firstNonEmpty())).toEqualTypeOf<Observable<ReadonlyMap<string, unknown>>>();
    const inner$ = prices$.pipe(
      mergeMapKeys((key, value$) => {
        expectTypeOf(key).toEqualTypeOf<string>();
        expectTypeOf(value$).toEqualTypeOf<Observable<number>>();
        return [key.length > 1];
      }),
    );
    expectTypeOf(inner$).toEqualTypeOf<Observable<boolean>>();
    expectTypeOf(prices$.pipe(mergeMapKeys((key) => Promise.resolve(key)))).toEqualTypeOf<Observable<string>>();
  });
  check('refuse other streams', () => {
    // @ts-expect-error numbers are no changes
    void numbers$.pipe(liveKeys());
    // @ts-expect-error the families, not the changes
    void prices$.pipe(firstNonEmpty(), mergeMapKeys(() => [1]));
    // @ts-expect-error a number is no stream
    void prices$.pipe(mergeMapKeys(() => 1));
  });
});

describe('spreadCalls', () => {
  const request$ = of(['add', 1, 2] as const);
  const family$ = new Subject<FamilyChange<number>>();
  type Spread<A, R> = Observable<SpreadReply<A, R, PortId<Calculator>>>;
  check('knows requests, replies and ports', () => {
    const spread$ = request$.pipe(spreadCalls<Calculator>(node, family$, { perPort: 2, strategy: 'round-robin' }));
    expectTypeOf(spread$).toEqualTypeOf<Spread<readonly ['add', 1, 2], Sum>>();
    const requests$ = new Subject<['add', number, number]>();
    expectTypeOf(requests$.pipe(spreadCalls<Calculator>(node, node.dbMon('calculators')))).toEqualTypeOf<
      Spread<['add', number, number], Sum>
    >();
  });
  check('takes requests without types', () => {
    const spread$ = request$.pipe(spreadCalls(node, family$));
    expectTypeOf(spread$).toEqualTypeOf<Observable<SpreadReply<readonly ['add', 1, 2], readonly unknown[], PortId>>>();
  });
  check('refuses what the ports do not take, and wrong options', () => {
    // @ts-expect-error `log` has no reply port
    void of(['log', 'text'] as const).pipe(spreadCalls<Calculator>(node, family$));
    // @ts-expect-error wrong arguments
    void of(['add', 1] as const).pipe(spreadCalls<Calculator>(node, family$));
    // @ts-expect-error no such strategy
    void request$.pipe(spreadCalls<Calculator>(node, family$, { strategy: 'random' }));
    // @ts-expect-error a family, not its name
    void request$.pipe(spreadCalls<Calculator>(node, 'calculators'));
  });
});
