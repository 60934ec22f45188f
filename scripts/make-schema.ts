// Writes schemas/*.json from the zod definitions: `npx tsx scripts/make-schema.ts`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaFiles } from '../src/engine/spec/jsonSchema';

const folder = join(process.cwd(), 'schemas');
mkdirSync(folder, { recursive: true });
for (const [name, text] of schemaFiles()) {
  writeFileSync(join(folder, name), text);
  console.log(`schemas/${name}`);
}
