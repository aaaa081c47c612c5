import { Subject } from 'rxjs';
import { createNode } from 'rxmp';
import { timed, type Contender } from './measure.js';

const PORTS = 1_000;

/** Local sends to a tagged handler, round over 1,000 ports, beside what any such system has to do: look up and call. */
export async function localContenders(messages: number): Promise<{ contenders: Contender[]; close: () => Promise<void> }> {
  const node = await createNode();
  let received = 0;
  const ids = Array.from({ length: PORTS }, () => node.rcv(node.port(), { add: (n: number) => void (received += n) }).id);

  let counted = 0;
  const subjects = new Map<string, Subject<readonly unknown[]>>();
  for (const id of ids) {
    const subject = new Subject<readonly unknown[]>();
    subject.subscribe((message) => (counted += message[1] as number));
    subjects.set(id, subject);
  }

  const check = (name: string, count: number): void => {
    if (count % messages !== 0) throw new Error(`${name}: ${count} messages arrived, expected a multiple of ${messages}`);
  };
  const contenders: Contender[] = [
    {
      name: 'rxmp snd to a tagged handler',
      run: async () => {
        const rate = await timed(messages, () => {
          for (let i = 0; i < messages; i++) node.snd(ids[i % PORTS] as string, 'add', 1);
        });
        check('rxmp', received);
        return rate;
      },
    },
    {
      name: 'raw Map.get + Subject.next',
      run: async () => {
        const rate = await timed(messages, () => {
          for (let i = 0; i < messages; i++) subjects.get(ids[i % PORTS] as string)?.next(['add', 1]);
        });
        check('raw', counted);
        return rate;
      },
    },
  ];
  return { contenders, close: () => node.close() };
}
