import { describe, expect, it } from 'vitest';
import { words, type Kind } from '../../../src/config/core/words.js';

const texts = { type: 'array', items: { type: 'string' } };
const KINDS: Readonly<Record<Kind, object>> = {
  text: { type: 'string' },
  pem: { type: 'string' },
  list: texts,
  services: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'array', prefixItems: [{ type: 'string' }], minItems: 1 }] } },
  seconds: { type: ['number', 'string'] },
  boolean: { enum: [true, false, 0, 1, '0', '1', ''] },
};

describe('L1: the JSON Schema of the configuration file', () => {
  it('has every setting, as the table says', async () => {
    const properties = Object.fromEntries(words.map(({ name, kind, help }) => [name, { description: help, ...KINDS[kind] }]));
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'The configuration of rxmp, and of AnyEvent::MP',
      type: 'object',
      properties: { ...properties, profile: { type: 'object', additionalProperties: { type: 'object', properties } } },
    };
    await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot('../../../src/config/config.schema.json');
  });
});
