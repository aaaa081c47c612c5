import { createJsonScan } from './json-scan.js';
import type { FramingLimits } from './message.js';
import { createTextBuffer, type TextBuffer } from './text-buffer.js';

/**
 * A line of JSON that is long: looked at as it comes, too. What is parsed at once is bounded, or else brackets without end would cost 50
 * times their length in memory. `append` throws also for what can't be JSON, and for too many items.
 */
export function createLongLine(limits: FramingLimits): TextBuffer {
  const scan = createJsonScan(limits);
  const buffer = createTextBuffer();
  let hasEnded = false;
  return {
    get length() {
      return buffer.length;
    },
    append(piece) {
      // what comes after the end of the message is for JSON.parse to refuse
      if (!hasEnded && scan(piece, 0) >= 0) hasEnded = true;
      buffer.append(piece);
    },
    take: buffer.take,
  };
}
