/** Freezes a message with all that it holds, also what stands in something that is frozen already (S10). */
export function deepFreeze<T>(value: T, seen = new Set<unknown>()): T {
  if (typeof value !== 'object' || value === null || !isPlain(value) || seen.has(value)) return value;
  seen.add(Object.freeze(value));
  for (const part of Object.values(value)) deepFreeze(part, seen);
  return value;
}

/** Only arrays and plain objects are data; anything else, a port for instance, is somebody's object. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
