import type { Sink } from '../harness/counter.js';
import { peer } from '../harness/peers.js';
import { PAYLOAD, type System } from '../harness/system.js';

interface Broker {
  readonly transit: { readonly tx: { readonly opts: { readonly port: number } } };
  createService(schema: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  waitForServices(name: string): Promise<unknown>;
  emit(event: string, payload: object): Promise<unknown>;
  call(action: string, payload: object): Promise<unknown>;
}
interface Module {
  readonly ServiceBroker: new (options: object) => Broker;
}
interface Context {
  readonly params: { readonly index: number; readonly payload: string };
}

/** It has no back-pressure: so many messages go, then it is asked whether they have come. */
const WINDOW = 10_000;

/** moleculer with its TCP transporter: events one way, actions there and back. */
export const system: System = {
  async listen(sink) {
    const broker = brokerOf('listening', []);
    broker.createService(serviceOf(sink));
    await broker.start();
    return { address: `tcp://127.0.0.1:${broker.transit.tx.opts.port}/listening`, close: () => broker.stop() };
  },
  async connect(address) {
    const broker = brokerOf('connecting', [address]);
    await broker.start();
    await broker.waitForServices('sink');
    let sent = 0;
    return {
      send(index) {
        void broker.emit('item', { index, payload: PAYLOAD });
        return ++sent % WINDOW < WINDOW - 1;
      },
      drained: () => broker.call('sink.echo', { index: 0, payload: PAYLOAD }),
      caller: (answered) => (index) => void broker.call('sink.echo', { index, payload: PAYLOAD }).then(answered),
      close: () => broker.stop(),
    };
  },
};

const brokerOf = (nodeID: string, urls: readonly string[]): Broker =>
  new (peer<Module>('moleculer').ServiceBroker)({ nodeID, logger: false, transporter: { type: 'TCP', options: { udpDiscovery: false, urls } } });

const serviceOf = (sink: Sink): object => ({
  name: 'sink',
  actions: { echo: ({ params }: Context) => params },
  // moleculer knows a handler of contexts by the name of its parameter
  events: { item: (ctx: Context) => { sink.item(ctx.params.index); } },
});
