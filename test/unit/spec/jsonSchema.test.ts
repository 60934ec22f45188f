import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaFiles } from '../../../src/engine/spec/jsonSchema';

describe('the committed JSON Schemas', () => {
  it.each([...schemaFiles()])('%s is current (npx tsx scripts/make-schema.ts writes it)', (name, text) => {
    expect(readFileSync(join(import.meta.dirname, '../../../schemas', name), 'utf8')).toBe(text);
  });

  it('describe the settings of a spec and allow no others', () => {
    const schema = JSON.parse(schemaFiles().get('robustness.schema.json')!);
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(['data']);
    expect(schema.properties.threatModels.items.properties.epsilon.description).toMatch(/data units/);
  });
});
