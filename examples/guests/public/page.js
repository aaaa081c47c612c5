/** The page of a guest. It has no secret: only a token, which the server that has served it gives it. */
import { createNode } from 'rxmp';
import { filter, firstValueFrom, map } from 'rxjs';

const user = new URLSearchParams(location.search).get('user') ?? '';
const others = { ada: 'bob', bob: 'ada' };
const rooms = { ada: 'red', bob: 'blue' };
const other = others[user];

const element = (id) => document.getElementById(id);
const show = (id, text) => { element(id).textContent = text; };
const tell = (text) => {
  const line = document.createElement('div');
  line.textContent = text;
  if (text.startsWith('forbidden')) line.className = 'forbidden';
  element('log').prepend(line);
};

/** Asked at first, and again before the last one ends. */
async function credentials() {
  const response = await fetch(`/token?user=${encodeURIComponent(user)}`);
  if (response.ok) return response.text();
  throw new Error(`the server gives no token to "${user}": open /?user=ada or /?user=bob`);
}

// what has nobody to fail at is a warning in the log
const log = { debug() {}, info() {}, warn: (_, text) => { tell(text); }, error: (_, text) => { tell(text); } };
const seed = new URL('/mp', location.href.replace(/^http/, 'ws')).href;
const node = await createNode({ seeds: [seed], credentials, log });

show('user', user);
node.status$.subscribe(({ status, why }) => { show('status', why === undefined ? status : `${status}: ${why.text}`); });

const family = (name) => node.dbMon(name).pipe(filter(({ current }) => current), map((change) => change.family));
const failed = (error) => { if (error.code !== 'FORBIDDEN') tell(error.message); };
const own = node.port();
node.rcv(own, {
  hello(text, reply) {
    tell(`${node.guest(reply)?.user ?? 'somebody'} says ${text}`);
    node.snd(reply, `${user} has heard "${text}"`);
  },
});

family(`rooms:${rooms[user]}`).subscribe({ next: (all) => { show('topic', `${rooms[user]}: ${all.get('topic')}`); }, error: failed });
family('presence').subscribe({ next: (all) => { show('here', [...all.keys()].sort().join(', ')); }, error: failed });
node.dbSet('presence', user, 'here');

let desk = '';
family('desk').subscribe({
  next: (all) => {
    [desk = ''] = all.keys();
    if (desk !== '') node.snd(desk, 'here', own.id);
  },
  error: failed,
});

/** Each button does one thing, and what comes of it is told. */
const buttons = {
  count: async () => (await firstValueFrom(node.cal(desk, 'count', 'message passing'))).join(' letters, for '),
  async meet() {
    const [port] = await firstValueFrom(node.cal(desk, 'meet', other));
    if (port === null) return `${other} is not here: open the other page`;
    const [answer] = await firstValueFrom(node.cal(port, 'hello', 'nice to meet you'));
    return answer;
  },
  'other-room': async () => String((await firstValueFrom(family(`rooms:${rooms[other]}`))).get('topic')),
  'other-presence'() { node.dbSet('presence', other, 'gone'); },
  kill() { node.kil(desk, 'because I can'); },
};
for (const [id, act] of Object.entries(buttons)) {
  element(id).addEventListener('click', () => {
    Promise.resolve().then(act).then((text) => { if (text !== undefined) tell(text); }, (error) => { tell(error.message); });
  });
}
