import { canonical } from '../../federation/core/canonical.js';
import { arityOf, fieldsOf, project, type Captures, type Spec } from '../../federation/core/spec.js';

/** Whether all that fits a spec fits another one; false also where that can't be told. */
export function within(spec: Spec, limit: Spec): boolean {
  if (limit[0] === 'any') return true;
  if (limit[0] === 'cap') return within(spec, limit[1]);
  if (spec[0] === 'cap') return within(spec[1], limit);
  if (spec[0] === 'is') return project(limit, spec[1]) !== undefined;
  if (spec[0] === 'obj' && limit[0] === 'obj') {
    const fields = spec[1];
    return Object.entries(limit[1]).every(([key, field]) => {
      const own = Object.hasOwn(fields, key) ? fields[key] : undefined;
      return own !== undefined && within(own, field);
    });
  }
  if (spec[0] !== 'arr' || limit[0] !== 'arr') return false;
  const elements = limit[1];
  return spec[1].length === elements.length && spec[1].every((element, i) => within(element, elements[i] ?? ['any']));
}

/**
 * What is told of a value by its captures: the spec with them in place of what captures. Undefined: there is no such value, so that who has
 * told of it lies.
 */
export function told(spec: Spec, captures: Captures): Spec | undefined {
  const left = [...captures];
  return filled(spec, left);
}

/** In the order in which captures are made: outer before inner, the fields of objects in the order of their keys. */
function filled(spec: Spec, left: unknown[]): Spec | undefined {
  switch (spec[0]) {
    case 'cap': {
      const [value] = left.splice(0, 1);
      // what is captured inside of it is told twice
      const inner = left.splice(0, arityOf(spec[1]));
      const captured = project(spec[1], value);
      return captured !== undefined && canonical(captured) === canonical(inner) ? ['is', value] : undefined;
    }
    case 'obj': {
      const fields = fieldsOf(spec[1]).map(([key, field]) => [key, filled(field, left)] as const);
      return fields.every(isTold) ? ['obj', Object.fromEntries(fields)] : undefined;
    }
    case 'arr': {
      const elements = spec[1].map((element) => filled(element, left));
      return elements.every((element) => element !== undefined) ? ['arr', elements] : undefined;
    }
    default:
      return spec;
  }
}

const isTold = (entry: readonly [string, Spec | undefined]): entry is readonly [string, Spec] => entry[1] !== undefined;
