import { z } from 'zod';
import { regressionReportSchema } from '../report/regression';
import { reportSchema } from '../report/schema';
import { specSchema } from './schema';

/** The committed schemas by file name, as text; a test holds that they are current. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map([
    [
      'robustness.schema.json',
      render(specSchema, 'Evaluation spec', 'What Robustness Inspector evaluates, and how: robustness.yaml.', {
        $schema: { type: 'string' },
      }),
    ],
    ['report.schema.json', renderReport('Robustness report', 'What Robustness Inspector measured: *.robustness.json.')],
  ]);
}

/** Reports differ by their task: editors are told which schema to hold one against, for messages that fit. */
function renderReport(title: string, description: string): string {
  const of = (schema: z.ZodType) => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
    return rest;
  };
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    description,
    type: 'object',
    if: { properties: { task: { const: 'regression' } }, required: ['task'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; nothing awaits it
    then: of(regressionReportSchema),
    else: of(reportSchema),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

// Draft 7 is what editors support in full.
function render(schema: z.ZodType, title: string, description: string, extra: object = {}): string {
  const { $schema, properties, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ $schema, title, description, ...rest, properties: { ...extra, ...properties } }, null, 2)}\n`;
}
