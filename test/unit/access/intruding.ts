import type { MpNode, NodeOptions, Port } from 'rxmp';
import { createNetwork, type TestNetwork } from 'rxmp/testing';
import type { GuestHandle, Right } from 'rxmp/guests';
import { spawnedPrefix } from '../../../src/wire/guest-token.js';
import { createIntruder, type Intruder, type Message } from '../../simulation/hostile/intruder.js';

export interface Scene extends AsyncDisposable {
  readonly network: TestNetwork;
  readonly gate: MpNode;
  readonly worker: MpNode;
  readonly intruder: Intruder;
  /** What the intruder was told: who said it, to which port, and what. */
  readonly heard: (readonly [from: string, portName: string, ...message: Message])[];
  /** What it may do from now on. */
  allow(...may: readonly Right[]): void;
  /** As the gate knows it. */
  handle(): GuestHandle | undefined;
  handles(): readonly GuestHandle[];
  /** A name for a port that it spawns. */
  spawnName(i: number): string;
  run(ms?: number): Promise<void>;
  /** Says something to a node through the gate, and waits until it has arrived. */
  tell(node: string, portName: string, ...message: Message): Promise<void>;
}

/** A gate with a worker behind it, and a guest that keeps to no rules. */
export async function createScene(gateOptions: NodeOptions = {}, may: readonly Right[] = []): Promise<Scene> {
  const network = createNetwork();
  const worker = await network.node('worker');
  const gate = await network.node('gate', { seeds: ['worker'], guests: { admit: (user) => ({ user, may }) }, ...gateOptions });
  await network.until(() => gate.nodeIsUp('worker') === true, 5_000);
  // its database is known
  await network.run(3_000);
  let handles: readonly GuestHandle[] = [];
  gate.guests$.subscribe((all) => { handles = all; });
  const heard: Scene['heard'] = [];
  const intruder = createIntruder({
    ...{ clock: network.clock, transport: network.wire.transport('evil'), address: 'memory://gate', gate: 'gate', credentials: 'evil', seed: 7 },
    heard: (...said) => { heard.push([said[0], said[1], ...said[2]]); },
  });
  intruder.enter();
  const handle = (): GuestHandle | undefined => handles.find(({ id }) => id === intruder.id);
  await network.until(() => handle() !== undefined && intruder.isIn, 5_000);

  const run = (ms = 200): Promise<void> => network.run(ms);
  return {
    ...{ network, gate, worker, intruder, heard, handle, run, handles: () => handles },
    spawnName: (i) => `${spawnedPrefix(intruder.id)}${String(i).padStart(22, '0')}`,
    allow: (...rights) => { handle()?.grant(...rights); },
    async tell(node, portName, ...message) {
      if (node === 'gate') await network.until(() => intruder.say(portName, message), 5_000);
      else await network.until(() => intruder.sayTo(node, portName, message), 5_000);
      await run();
    },
    async [Symbol.asyncDispose]() {
      intruder.leave();
      await network.close();
    },
  };
}

/** A port that keeps what it gets. */
export function keeper(node: MpNode): { readonly port: Port; readonly got: Message[]; readonly deaths: Message[] } {
  const got: Message[] = [];
  const deaths: Message[] = [];
  const port = node.port((...message: Message) => { got.push(message); });
  node.mon(port, (...reason: Message) => { deaths.push(reason); });
  return { port, got, deaths };
}

/** The part of a port's id that is its name. */
export const nameOf = ({ id }: { readonly id: string }): string => id.slice(id.indexOf('#') + 1);
