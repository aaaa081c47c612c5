import { createNode, type Logger, type MpNode, type NodeOptions } from 'rxmp';
import { marbles, seededRandom, settled, simulatedNetwork, VirtualClock, type Latency, type Marbles } from 'rxmp/testing';

/** What a node logged, as `level text`. */
export interface RecordedLog extends Logger {
  readonly lines: string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const writer = (level: string) => (_details: object, text: string) => void lines.push(`${level} ${text}`);
  return { lines, debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}

/** Options of {@link createWorld}. */
export interface WorldOptions {
  readonly delay?: Latency;
  readonly seed?: number;
}

/** A clock, a simulated network on it, and nodes there. */
export function createWorld({ delay = 0, seed = 1 }: WorldOptions = {}) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const network = simulatedNetwork({ clock, random, delay });
  const nodes: MpNode[] = [];

  return {
    clock,
    random,
    network,
    /** Makes a node on a host of the network: it listens at `memory://host`, and its id is the host's name. */
    async start(host: string, options: NodeOptions = {}): Promise<MpNode & { readonly log: RecordedLog }> {
      const log = recordedLog();
      const node = await settled(
        clock,
        createNode({
          nodeid: host,
          binds: [`memory://${host}`],
          secret: 'of these tests',
          transports: [network.transport(host)],
          monitorTimeout: 1_000,
          clock,
          random,
          log,
          ...options,
        }),
      );
      nodes.push(node);
      return node as MpNode & { readonly log: RecordedLog };
    },
    /**
     * A marble test with these nodes: `test` draws what is expected, the clock runs for `ms`, and everything is closed.
     * Streams are watched for `ms` too, so that drawings do not show the closing.
     */
    draw(ms: number, test: (helpers: Drawing) => void): void {
      const helpers = marbles(clock);
      test({
        ...helpers,
        expectObservable: (observable, subscription = `^ ${ms - 1}ms !`) => helpers.expectObservable(observable, subscription),
        play: (diagram, actions) => {
          helpers.cold(diagram, actions).subscribe((action) => {
            action();
          });
        },
      });
      clock.runFor(ms);
      network.heal();
      for (const node of nodes) void node.close();
      // ends by itself only if no node has left a timer that sets itself again
      helpers.flush();
      if (network.connections > 0) throw new Error(`${network.connections} connections are open after every node was closed`);
    },
    /** Closes every node. What still travels arrives, or is lost, within the time that the clock runs then. */
    async close(): Promise<void> {
      for (const node of nodes) await settled(clock, node.close());
      network.heal();
      clock.runFor(60_000);
    },
  };
}

/** The vocabulary of {@link createWorld}'s `draw`. */
export interface Drawing extends Omit<Marbles, 'flush'> {
  /** Does what each mark of the diagram stands for, when it comes. */
  play(diagram: string, actions: Readonly<Record<string, () => void>>): void;
}

export type World = ReturnType<typeof createWorld>;
