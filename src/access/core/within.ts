import { project, type Captures, type Spec } from '../../federation/core/spec.js';

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

/** What is told of a value by its captures: the spec with them in place of what captures. */
export function told(spec: Spec, captures: Captures): Spec {
  const left = [...captures];
  return filled(spec, left);
}

/** In the order in which captures are made: outer before inner, the fields of objects in the order of their keys. */
function filled(spec: Spec, left: unknown[]): Spec {
  switch (spec[0]) {
    case 'cap': {
      const value = left.shift();
      // what is captured inside of it is told twice
      filled(spec[1], left);
      return ['is', value];
    }
    case 'obj':
      return ['obj', Object.fromEntries(Object.entries(spec[1]).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, filled(field, left)]))];
    case 'arr':
      return ['arr', spec[1].map((element) => filled(element, left))];
    default:
      return spec;
  }
}
