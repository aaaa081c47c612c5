/** The worker: a node behind the gate that knows nothing of tokens and rights. Who asks, it hears from the gate. */
import { createNode, type PortId, type PortRef } from 'rxmp';
import { DESK, isRequest, roomFamily, type Greeting, type Request } from './protocol.js';

const node = await createNode({ attach: ['parent'] });

node.dbSet(roomFamily('red'), 'topic', 'paint');
node.dbSet(roomFamily('blue'), 'topic', 'the sea');

const here = new Map<string, PortId<Greeting>>();
const userOf = (port: PortRef): string => node.guest(port)?.user ?? 'nobody';

function answer([tag, ...args]: Request): void {
  if (tag === 'here') {
    const [port] = args as [PortId<Greeting>];
    const user = userOf(port);
    here.set(user, port);
    node.mon(port, () => { if (here.get(user) === port) here.delete(user); });
  } else if (tag === 'count') {
    const [text, reply] = args as [string, PortId];
    node.snd(reply, text.length, userOf(reply));
  } else {
    const [user, reply] = args as [string, PortId];
    // this is the introduction: whoever is told of a port may send to it from then on
    node.snd(reply, here.get(user) ?? null);
  }
}

const desk = node.port<Request>((...message: readonly unknown[]) => { if (isRequest(message)) answer(message); });
node.dbReg(DESK, desk);
