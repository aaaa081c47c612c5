/** Two places for each delivery: who gets it, and what. */
const PLACES = 512;

interface Segment {
  readonly places: unknown[];
  next: Segment | undefined;
}

/** What waits to be delivered, in order: targets, and what each of them gets. */
export interface DeliveryBuffer {
  readonly length: number;
  push(target: unknown, item: unknown): void;
  /** Takes the oldest out and returns its target; what that gets is then in `item`. There has to be one. */
  shift(): unknown;
  /** What the target that was taken out last gets. */
  readonly item: unknown;
  clear(): void;
}

/**
 * A chain of segments of a fixed size; as long as one is enough, it is used round and round. So an item costs the same
 * however many wait, nothing is copied when there are more, and memory goes as they go.
 */
export function createDeliveryBuffer(): DeliveryBuffer {
  let head = createSegment();
  let tail = head;
  /** The last segment that was used up: mostly it is soon needed again. */
  let spare: Segment | undefined;
  let read = 0;
  let write = 0;

  const extend = (): void => {
    const next = spare ?? createSegment();
    spare = undefined;
    tail.next = next;
    tail = next;
    write = 0;
  };

  const leaveHead = (): void => {
    const used = head;
    head = used.next ?? createSegment();
    used.next = undefined;
    spare = used;
    read = 0;
  };

  // fields, not getters: they are looked at for each message
  const buffer = {
    length: 0,
    item: undefined as unknown,
    push(target: unknown, item: unknown): void {
      if (write === PLACES) extend();
      const { places } = tail;
      places[write] = target;
      places[write + 1] = item;
      write += 2;
      buffer.length++;
    },
    shift(): unknown {
      const { places } = head;
      const target = places[read];
      buffer.item = places[read + 1];
      places[read] = undefined;
      places[read + 1] = undefined;
      read += 2;
      buffer.length--;
      if (buffer.length === 0) read = write = 0;
      else if (read === PLACES) leaveHead();
      return target;
    },
    clear(): void {
      head = tail = createSegment();
      spare = undefined;
      read = write = 0;
      buffer.length = 0;
      buffer.item = undefined;
    },
  };
  return buffer;
}

function createSegment(): Segment {
  return { places: new Array<unknown>(PLACES).fill(undefined), next: undefined };
}
