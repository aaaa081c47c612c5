import type { WriteStream } from 'node:tty';
import type { Progress } from './transfer.js';

/** Shows on a terminal how far a transfer is. */
export interface Bar {
  readonly show: Progress;
  /** Takes it away. */
  stop(): void;
}

const FORMAT = '{name} {bar} {percentage} %, {value} of {total} bytes, {eta_formatted} left';

/** On anything else it shows nothing, and the library of bars is not loaded. */
export async function createBar(name: string, terminal: Pick<WriteStream, 'isTTY'> & NodeJS.WritableStream): Promise<Bar> {
  if (!terminal.isTTY) return { show: () => undefined, stop: () => undefined };
  const { SingleBar, Presets } = await import('cli-progress');
  const bar = new SingleBar({ format: FORMAT, stream: terminal, clearOnComplete: true }, Presets.shades_classic);
  let isStarted = false;
  return {
    show(octets, all) {
      if (isStarted) bar.update(octets);
      else bar.start(all, octets, { name });
      isStarted = true;
    },
    stop() {
      bar.stop();
    },
  };
}
