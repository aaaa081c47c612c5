/** One text for equal values: JSON with sorted keys. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const element of value as readonly unknown[]) text += text === '' ? canonical(element) : `,${canonical(element)}`;
    return `[${text}]`;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields).sort()) {
    const field = `${JSON.stringify(key)}:${canonical(fields[key])}`;
    text += text === '' ? field : `,${field}`;
  }
  return `{${text}}`;
}
