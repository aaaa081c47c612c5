/** A guest in a process of its own, which stands for a page: it does what its parent says and tells how that went. */
import { createNode, type Logger, type PortId } from 'rxmp';
import { filter, firstValueFrom, map } from 'rxjs';
import { DESK, PRESENCE, roomFamily, type Greeting, type Request } from './protocol.js';

const [, , user = '', site = ''] = process.argv;

/** Asked again in time, as long as the guest is here. */
const token = async (): Promise<string> => {
  const response = await fetch(`${site}/token?user=${user}`);
  if (response.ok) return response.text();
  throw new Error(`${user} gets no token: ${await response.text()}`);
};
/** What has nobody to fail at is a warning in the log: here the last one is kept. */
let warning = '';
const log: Logger = { debug: () => undefined, info: () => undefined, warn: (_, text) => { warning = text ?? ''; }, error: (_, text) => { process.stderr.write(`${user}: ${text ?? ''}\n`); } };
const node = await createNode({ seeds: [`${site.replace('http', 'ws')}/mp`], credentials: token, log });

const family = (name: string) => node.dbMon(name).pipe(filter(({ current }) => current), map((change) => change.family));
const desk = async () => firstValueFrom(family(DESK).pipe(map((all) => [...all.keys()][0] as PortId<Request> | undefined), filter((port) => port !== undefined)));
const own = node.port<Greeting>();
void node.rcv(own, { hello: (text, reply) => node.snd(reply, `${user} has heard "${text}"`) });

/** What it can be told to do; the result is for people. What is forbidden throws, or rejects with, `Forbidden`. */
const actions: Readonly<Record<string, (...args: string[]) => string | Promise<string>>> = {
  async topic(room = '') {
    return String((await firstValueFrom(family(roomFamily(room)))).get('topic'));
  },
  enter(as = '') {
    node.dbSet(PRESENCE, as, 'here');
    return 'done';
  },
  async who(count = '') {
    const names = await firstValueFrom(family(PRESENCE).pipe(map((all) => [...all.keys()].sort()), filter(({ length }) => length >= Number(count))));
    return names.join(', ');
  },
  async count(text = '') {
    const [length, asker] = await firstValueFrom(node.cal(await desk(), 'count', text));
    return `${length} letters, for ${asker}`;
  },
  async here() {
    node.snd(await desk(), 'here', own.id);
    return own.id;
  },
  async hello(port = '', text = '') {
    const [answer] = await firstValueFrom(node.cal(port as PortId<Greeting>, 'hello', text));
    return answer;
  },
  async meet(other = '') {
    const [port] = await firstValueFrom(node.cal(await desk(), 'meet', other));
    return port ?? `${other} is not here`;
  },
  async kill() {
    const port = await desk();
    node.kil(port, 'because I can');
    // the gate has said no before this is answered
    await firstValueFrom(node.cal(port, 'count', 'are you there?'));
    return warning;
  },
};

process.on('message', ([what, ...args]: [string, ...string[]]) => {
  const act = async (): Promise<string> => actions[what]?.(...args) ?? '';
  act().catch((error: unknown) => (error instanceof Error ? error.message : String(error))).then((text) => process.send?.(text), () => undefined);
});
// whatever ends the parent, ends this
process.on('disconnect', () => process.exit());
