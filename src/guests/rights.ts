import { checkRight } from '../access/core/read-rights.js';
import type { Right } from '../access/core/rights.js';
import { defaultLimits } from '../env/limits.js';
import type { Spec } from '../federation/core/spec.js';
import { compile } from '../federation/pattern.js';

/** Ports: one by its id, those whose ids are keys of a family, or `*`, all. */
export type Ports = string | { readonly family: string };

/**
 * The right to send to a port, and to monitor it; or to all ports that are registered in a family; `send('*')` is to all ports, for programs that
 * are trusted but must not have the secret. Throws TypeError for a node id: nodes take requests of nodes only.
 *
 * @example
 * ```ts
 * import { send } from 'rxmp/guests';
 *
 * const may = [send('gate/1#lobby'), send({ family: 'rooms' })];
 * console.log(may.length); // 2
 * ```
 */
export const send = (ports: Ports): Right => ofPorts('send', ports);

/** The right to monitor a port, or those that are registered in a family, and no more. Throws TypeError for a node id. */
export const monitor = (ports: Ports): Right => ofPorts('monitor', ports);

const ofPorts = (kind: 'send' | 'monitor', ports: Ports): Right =>
  checkRight(typeof ports === 'string' ? { kind, port: ports } : { kind, family: ports.family });

/**
 * The right to run a function that nodes have registered: `spawn` makes a port of it, `cal` and `sndToFunc` call it by its name, which may
 * end in `*`. Without a node it is about the gate; `node` may end in `*`, too.
 *
 * @example
 * ```ts
 * import { spawn } from 'rxmp/guests';
 *
 * const may = [spawn('cart'), spawn('shop::price', { node: 'workers/*' })];
 * console.log(may.length); // 2
 * ```
 */
export const spawn = (name: string, { node }: { readonly node?: string } = {}): Right =>
  checkRight({ kind: 'spawn', name, ...(node !== undefined && { node }) });

/** The right to read and watch a family; its name may end in `*`. Families of the network itself have to be named: `read("'guests")`. */
export const read = (family: string): Right => checkRight({ kind: 'read', family });

/**
 * The right to set and delete keys of a family: one key, keys that begin with `prefix`, or all. `key` and `prefix` are taken as they are: what
 * comes out of credentials can't widen them.
 *
 * @example
 * ```ts
 * import { write } from 'rxmp/guests';
 *
 * const may = [write('presence', { key: 'ada' }), write('drafts', { prefix: 'ada/' })];
 * console.log(may.length); // 2
 * ```
 */
export const write = (family: string, { key, prefix }: { readonly key?: string; readonly prefix?: string } = {}): Right =>
  checkRight({ kind: 'write', family, ...(key !== undefined && { key }), ...(prefix !== undefined && { prefix }) });

/** What a guest may do in a scope; what is left out is free. Patterns are those of `rxmp/federation`. */
export interface ScopeLimits {
  /** All that it asserts and sends has to fit. */
  readonly assert?: object;
  /** All that it observes has to be within. */
  readonly observe?: object;
}

/**
 * The right to take part in a scope. What it asserts has to be seen to fit `assert`: who observes with a pattern that leaves a field of it
 * open does not see what this guest asserts.
 *
 * @example
 * ```ts
 * import { federate } from 'rxmp/guests';
 *
 * const may = [federate('room:7', { assert: { type: 'present', who: 'ada' } })];
 * console.log(may.length); // 1
 * ```
 */
export function federate(scope: string, { assert, observe }: ScopeLimits = {}): Right {
  return checkRight({ kind: 'federate', scope, ...(assert !== undefined && { assert: [specOf(assert)] }), ...(observe !== undefined && { observe: [specOf(observe)] }) });
}

const specOf = (pattern: object): Spec => compile(pattern, defaultLimits.messageDepth).spec;
