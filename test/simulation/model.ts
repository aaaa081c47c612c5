import type { MpNode, Reason } from 'rxmp';

/** One run of a node, from its start to its end. */
export interface Life {
  /** `host.number`: no other has it. */
  readonly key: string;
  /** The name of its host, and its node id. */
  readonly host: string;
  readonly number: number;
  readonly node: MpNode;
  /** When it began, in virtual ms. */
  readonly since: number;
  /** It has neither crashed nor left. */
  alive: boolean;
  /** What it has sent, by the port it went to. */
  readonly channels: Map<string, Channel>;
  /** What it has set in the database, by family and key. */
  readonly shard: Map<string, Map<string, unknown>>;
  /** Links without a connection. */
  readonly suspended: Set<unknown>;
  /** The nodes that it was told are up, and not down since. */
  readonly up: Set<string>;
  /** What its `status$` has told last. */
  status: string;
}

/** A port, as the world knows it. */
export interface Port {
  readonly id: string;
  /** The node of its id. */
  readonly node: string;
  /** Who has it; undefined: it was spawned, and its init has not run. */
  life: Life | undefined;
  /** Who has spawned it, and may use it before it is there. */
  readonly spawner: Life | undefined;
  dead: Reason | undefined;
}

/** What one life sends to one port: numbered messages. */
export interface Channel {
  sent: number;
  /** The number of the last that arrived. */
  arrived: number;
  /** The monitors of the port over there that have not fired. */
  readonly monitors: Set<Watch>;
}

/** A monitor of a port. */
export interface Watch {
  readonly life: Life;
  readonly port: Port;
  /** The number of the next message to the port when it was set. */
  readonly from: number;
  /** Since when a connection to the node of the port serves it, in virtual ms; undefined: there was none yet. */
  upSince: number | undefined;
  fired: Reason | undefined;
  cancelled: boolean;
  cancel(): void;
}

export const isOver = ({ fired, cancelled }: Watch): boolean => fired !== undefined || cancelled;

/** Whether a port is gone for good, as far as the world knows when nothing is under way any more. */
export const isGone = ({ life, dead }: Port): boolean => dead !== undefined || life?.alive !== true;
