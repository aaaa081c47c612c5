import { Subject } from 'rxjs';
import { createNode } from 'rxmp';
import { perSecond, type Running } from '../harness/measure.js';

export interface LocalSettings {
  readonly kind: 'rxmp' | 'raw';
  readonly ports: number;
}

/** No two neighbours were made one after the other. */
const STRIDE = 7_919;

/** Local sends to a tagged handler, round over so many ports, or what any such system has to do: look up and call. */
export async function open({ kind, ports }: LocalSettings): Promise<Running> {
  const node = await createNode();
  const ids = Array.from({ length: ports }, () => node.port().id);
  let received = 0;
  let expected = 0;
  const send = kind === 'rxmp' ? byRxmp() : raw();

  function byRxmp(): (id: string) => void {
    for (const id of ids) void node.rcv(id, { add: (n: number) => void (received += n) });
    return (id) => void node.snd(id, 'add', 1);
  }

  function raw(): (id: string) => void {
    const subjects = new Map<string, Subject<readonly unknown[]>>();
    for (const id of ids) {
      const subject = new Subject<readonly unknown[]>();
      subject.subscribe((message) => (received += message[1] as number));
      subjects.set(id, subject);
    }
    return (id) => subjects.get(id)?.next(['add', 1]);
  }

  return {
    async run(messages) {
      const rate = await perSecond(messages, () => {
        for (let i = 0; i < messages; i++) send(ids[(i * STRIDE) % ports] as string);
      });
      expected += messages;
      if (received !== expected) throw new Error(`${received} messages have arrived, expected ${expected}`);
      return rate;
    },
    close: () => node.close(),
  };
}
