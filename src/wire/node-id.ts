import { shown } from './printable.js';
import { BadNodeId } from './errors.js';

// the characters of AEMP, and the slash of its anonymous nodes
const NODE_ID = /^[A-Za-z0-9_\-.:/]{1,255}$/;

/** Whether a text can be a node id: 1 to 255 of the characters `A-Z a-z 0-9 _ - . : /`. */
export function isNodeId(text: string): boolean {
  return NODE_ID.test(text);
}

/** Gives the text back. Throws {@link BadNodeId} when it is not a node id. */
export function checkNodeId(text: string): string {
  if (isNodeId(text)) return text;
  throw new BadNodeId(`a node id is 1 to 255 of the characters A-Z a-z 0-9 _ - . : /, got ${shown(text)}`);
}
