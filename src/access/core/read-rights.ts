import { isPortId } from '../../wire/portid.js';
import { kindOf } from '../../wire/message.js';
import { shown } from '../../wire/printable.js';
import { ANY_PORT, type Right } from './rights.js';

const FAMILY = /^'?[A-Za-z][A-Za-z0-9_:]*\*?$|^\*$/;

/** Checks rights that a program gives. Throws TypeError that says what would be right. */
export function readRights(given: unknown): readonly Right[] {
  if (!Array.isArray(given)) throw new TypeError(`the rights of a guest are ${kindOf(given)}: expected a list of what send, spawn, read, write, federate and monitor make`);
  return given.map(checkRight);
}

export function checkRight(given: unknown): Right {
  if (typeof given !== 'object' || given === null) throw new TypeError(`a right is ${kindOf(given)}: expected what send, spawn, read, write, federate or monitor makes`);
  const right = given as Right;
  switch (right.kind) {
    case 'send':
    case 'monitor':
      if ('port' in right) return checkPort(right);
      return checkFamily(right, right.family);
    case 'spawn':
      need(right.name !== '' && isText(right.name), 'the name of a function', right.name);
      need(right.node === undefined || isText(right.node), 'the id of a node, or one that ends in *', right.node);
      return right;
    case 'read':
      return checkFamily(right, right.family);
    case 'write':
      need(!isText(right.family) || !right.family.startsWith("'"), 'a family that is not of the network itself', right.family);
      need(right.key === undefined || right.prefix === undefined, 'a key, or how keys begin, and not both', right.key);
      need(right.key === undefined || (isText(right.key) && right.key !== ''), 'a key that is not empty', right.key);
      need(right.prefix === undefined || isText(right.prefix), 'how keys begin', right.prefix);
      return checkFamily(right, right.family);
    case 'federate':
      return checkFamily(right, right.scope);
    default:
      throw new TypeError(`a right has the kind ${kindOf((given as { kind?: unknown }).kind)}: expected send, spawn, read, write, federate or monitor`);
  }
}

function checkPort(right: Extract<Right, { port: string }>): Right {
  need(right.port === ANY_PORT || isPortId(right.port), 'the id of a port, node#name, or *: a node takes requests of nodes only', right.port);
  return right;
}

function checkFamily(right: Right, family: unknown): Right {
  need(isText(family) && FAMILY.test(family), 'a family or scope, [A-Za-z][A-Za-z0-9_:]*, that may end in *', family);
  return right;
}

const isText = (value: unknown): value is string => typeof value === 'string';

function need(is: boolean, what: string, got: unknown): void {
  if (!is) throw new TypeError(`a right has ${typeof got === 'string' ? shown(got) : kindOf(got)}: expected ${what}`);
}
