/** What has come and gone so far. */
export interface Counts {
  nodes: number;
  ports: number;
  messages: number;
  calls: number;
  monitors: number;
  keys: number;
  assertions: number;
}

export const noCounts = (): Counts => ({ nodes: 0, ports: 0, messages: 0, calls: 0, monitors: 0, keys: 0, assertions: 0 });
