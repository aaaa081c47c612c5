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

const SHOWN = 200;

/** What terminals and pages may take for more than a character: C1 controls, line separators, marks that turn the direction of text. */
const CONTROLS = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text from outside, for an error message: quoted, without control characters, and not too long. */
export function shown(text: string): string {
  const quoted = JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
  return quoted.replace(CONTROLS, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
