/**
 * What terminals and pages may take for more than a character: control characters (to move the cursor, to set a title), line
 * separators, marks that turn the direction of text. Tabs and line feeds only where a text has lines.
 */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const WITHIN_LINES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (sign: string): string => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text that may come from outside, in one line and without characters that do something: they are written as `\u001b`. */
export const printable = (text: string): string => text.replace(CONTROLS, escaped);

/** The same for a text that has lines and columns of its own. */
export const printableLines = (text: string): string => text.replace(WITHIN_LINES, escaped);

const SHOWN = 200;

/** A text from outside, for an error message: quoted, without control characters, and not too long. */
export const shown = (text: string): string => printable(JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text));
