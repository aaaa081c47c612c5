/**
 * Keys with values, to be written as an object. Thousands of keys that no object has had before are dear to make an object
 * of, and the JSON framing needs none.
 */
export class Table {
  readonly entries: ReadonlyMap<string, unknown>;

  constructor(entries: ReadonlyMap<string, unknown>) {
    this.entries = entries;
  }

  /** Without a prototype, so that a key `__proto__` is a key like any other. */
  toJSON(): object {
    const made = Object.create(null) as Record<string, unknown>;
    for (const [key, value] of this.entries) made[key] = value;
    return made;
  }
}

/** What `JSON.stringify` gives for a table, in less time. */
export function writeTable({ entries }: Table): string {
  let text = '';
  for (const [key, value] of entries) {
    const written = value instanceof Table ? writeTable(value) : JSON.stringify(value);
    text += `${text === '' ? '{' : ','}${JSON.stringify(key)}:${written}`;
  }
  return text === '' ? '{}' : `${text}}`;
}
