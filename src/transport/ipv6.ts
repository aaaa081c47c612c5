/**
 * The eight groups of an IPv6 address without a zone; undefined: it is none.
 *
 * @example ipv6Groups('2001:db8::1'); // [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]
 */
export function ipv6Groups(host: string): readonly number[] | undefined {
  const url = `http://[${host}]`;
  if (!URL.canParse(url)) return undefined;
  // as a URL writes it: no leading zeros, no dotted part
  const [head = '', tail = ''] = new URL(url).hostname.slice(1, -1).split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [left, right] = [groups(head), groups(tail)];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}
