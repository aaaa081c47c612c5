import type { Spec } from '../../federation/core/spec.js';
import { SCOPE_FAMILY } from '../../federation/core/names.js';
import { functionName } from '../../kernel/core/registry.js';
import { shown } from '../../wire/printable.js';

/**
 * What a guest may do (guests.md), as data: a gate makes it, checks it, and tells the guest. The name of a family, scope, function or node may end in `*`, which stands
 * for anything; keys and their beginnings are taken as they are, so that what comes out of credentials can't widen them.
 */
export type Right =
  /** To send to a port, and to monitor it: who sends has to learn of what is lost (S2). */
  | PortRight
  /** To run a function that is registered on a node, in a new port or by its name; without a node: at the gate. */
  | { readonly kind: 'spawn'; readonly name: string; readonly node?: string }
  /** To read and to watch a family. */
  | { readonly kind: 'read'; readonly family: string }
  /** To set keys of a family: one, those that begin so, or all. */
  | { readonly kind: 'write'; readonly family: string; readonly key?: string; readonly prefix?: string }
  /** To take part in a scope; what it asserts and sends has to fit all of `assert`, and what it observes all of `observe`. */
  | { readonly kind: 'federate'; readonly scope: string; readonly assert?: readonly Spec[]; readonly observe?: readonly Spec[] };

/** A port, or those whose ids are keys of a family; `*` is all ports, and no node. */
type PortRight =
  | { readonly kind: 'send' | 'monitor'; readonly port: string }
  | { readonly kind: 'send' | 'monitor'; readonly family: string };

/** All ports. */
export const ANY_PORT = '*';

/** How a name begins, and whether anything may follow. */
const partsOf = (pattern: string): readonly [prefix: string, isOpen: boolean] => (pattern.endsWith('*') ? [pattern.slice(0, -1), true] : [pattern, false]);

/** Whether a name is meant by one that may end in `*`. */
export function fits(pattern: string, name: string): boolean {
  const [prefix, isOpen] = partsOf(pattern);
  return isOpen ? name.startsWith(prefix) : prefix === name;
}

/** How functions of rxmp itself begin. */
const OWN_FUNCTION = /^(rxmp|AnyEvent::MP)::/;

/** Families of the network itself, which have to be named for reading and are never written; and those of scopes, which take `federate`. */
export const isReserved = (family: string): boolean => family.startsWith("'") || family.startsWith(SCOPE_FAMILY);

/** Names of families and functions that have to be given as they are: no `*` stands for them. */
const isExact = (name: string): boolean => isReserved(name) || OWN_FUNCTION.test(name);

/** Whether a family, scope or function is meant by a name that may end in `*`. */
export const covers = (pattern: string, name: string): boolean => (isExact(name) ? pattern === name : fits(pattern, name));

/** A right as the code that makes it, for people. */
export function describeRight(right: Right): string {
  const { kind } = right;
  switch (kind) {
    case 'send':
    case 'monitor':
      return 'port' in right ? `${kind}(${shown(right.port)})` : `${kind}({ family: ${shown(right.family)} })`;
    case 'spawn':
      return right.node === undefined ? `spawn(${shown(right.name)})` : `spawn(${shown(right.name)}, { node: ${shown(right.node)} })`;
    case 'read':
      return `read(${shown(right.family)})`;
    case 'write': {
      const { family, key, prefix } = right;
      if (key !== undefined) return `write(${shown(family)}, { key: ${shown(key)} })`;
      return prefix === undefined ? `write(${shown(family)})` : `write(${shown(family)}, { prefix: ${shown(prefix)} })`;
    }
    case 'federate':
      return right.assert === undefined && right.observe === undefined ? `federate(${shown(right.scope)})` : `federate(${shown(right.scope)}, { ... })`;
  }
}

/** All that one of the lists allows, each right once. */
export function union(...lists: readonly (readonly Right[])[]): readonly Right[] {
  return [...new Map(lists.flat().map((right) => [JSON.stringify(right), right])).values()];
}

/** What both lists allow: so a right can be passed on with less in it, and never with more. */
export function attenuate(rights: readonly Right[], limit: readonly Right[]): readonly Right[] {
  return union(rights.flatMap((right) => limit.flatMap((other) => meet(right, other) ?? [])));
}

/** The families of whose keys rights make ports that may be used. */
export const portFamilies = (rights: readonly Right[]): readonly string[] =>
  rights.flatMap((right) => (isOfPort(right) && 'family' in right ? [right.family] : []));

/** What two rights have in common. That a port is a key of a family is not known beforehand, so these have nothing. */
function meet(a: Right, b: Right): Right | undefined {
  if (isOfPort(a)) return isOfPort(b) ? meetPorts(a, b) : undefined;
  if (a.kind === 'spawn' && b.kind === 'spawn') {
    const name = commonName(functionName(a.name), functionName(b.name));
    if (name === undefined) return undefined;
    if (a.node === undefined || b.node === undefined) return a.node === b.node ? { kind: 'spawn', name } : undefined;
    const node = common(a.node, b.node);
    return node === undefined ? undefined : { kind: 'spawn', name, node };
  }
  if (a.kind === 'read' && b.kind === 'read') {
    const family = commonName(a.family, b.family);
    return family === undefined ? undefined : { kind: 'read', family };
  }
  if (a.kind === 'write' && b.kind === 'write') {
    const family = commonName(a.family, b.family);
    const keys = commonKeys(a, b);
    return family === undefined || keys === undefined ? undefined : { kind: 'write', family, ...keys };
  }
  if (a.kind !== 'federate' || b.kind !== 'federate') return undefined;
  const scope = commonName(a.scope, b.scope);
  return scope === undefined ? undefined : { kind: 'federate', scope, ...both('assert', a, b), ...both('observe', a, b) };
}

const isOfPort = (right: Right): right is PortRight => right.kind === 'send' || right.kind === 'monitor';

function meetPorts(a: PortRight, b: PortRight): Right | undefined {
  const kind = a.kind === 'send' && b.kind === 'send' ? 'send' : 'monitor';
  if ('port' in a && a.port === ANY_PORT) return { ...b, kind };
  if ('port' in b && b.port === ANY_PORT) return { ...a, kind };
  if ('port' in a) return 'port' in b && a.port === b.port ? { kind, port: a.port } : undefined;
  return 'family' in b && a.family === b.family ? { kind, family: a.family } : undefined;
}

/** What two names have in common that may end in `*`. */
function common(a: string, b: string): string | undefined {
  // a pattern is no name that could fit another one: `*` would fit `**`, and means more
  const [[prefix, isOpen], [other, isOtherOpen]] = [partsOf(a), partsOf(b)];
  if (isOpen && other.startsWith(prefix)) return b;
  if (isOtherOpen && prefix.startsWith(other)) return a;
  return a === b ? a : undefined;
}

/** The same of families, scopes and functions. */
function commonName(a: string, b: string): string | undefined {
  const name = common(a, b);
  return name !== undefined && isExact(name) && a !== b ? undefined : name;
}

type KeyRight = Pick<Extract<Right, { kind: 'write' }>, 'key' | 'prefix'>;

/** Keys that two rights have in common: a key is one, and no pattern, whatever it is. */
function commonKeys(a: KeyRight, b: KeyRight): KeyRight | undefined {
  if (a.key === undefined && b.key === undefined) {
    const [one = '', other = ''] = [a.prefix, b.prefix];
    const prefix = one.length < other.length ? other : one;
    if (!prefix.startsWith(one) || !prefix.startsWith(other)) return undefined;
    return prefix === '' ? {} : { prefix };
  }
  const key = a.key ?? b.key ?? '';
  return allowsKey(a, key) && allowsKey(b, key) ? { key } : undefined;
}

/** Whether a right to write allows a key, in a family that it is about. */
export const allowsKey = ({ key, prefix = '' }: KeyRight, wanted: string): boolean => (key === undefined ? wanted.startsWith(prefix) : key === wanted);

function both<K extends 'assert' | 'observe'>(name: K, a: Partial<Record<K, readonly Spec[]>>, b: Partial<Record<K, readonly Spec[]>>): object {
  if (a[name] === undefined && b[name] === undefined) return {};
  return { [name]: [...(a[name] ?? []), ...(b[name] ?? [])] };
}
