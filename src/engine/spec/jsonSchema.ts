import { z } from 'zod';
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
    [
      'report.schema.json',
      render(reportSchema, 'Robustness report', 'What Robustness Inspector measured: *.robustness.json.'),
    ],
  ]);
}

// Draft 7 is what editors support in full.
function render(schema: z.ZodType, title: string, description: string, extra: object = {}): string {
  const { $schema, properties, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ $schema, title, description, ...rest, properties: { ...extra, ...properties } }, null, 2)}\n`;
}
