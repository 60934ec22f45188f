// Writes the table of operators into docs/gradients.md from the tables of rules: `npx tsx scripts/make-operators.ts`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withOperatorTable } from './operatorTable';

const page = join(process.cwd(), 'docs', 'gradients.md');
writeFileSync(page, withOperatorTable(readFileSync(page, 'utf8')));
console.log('docs/gradients.md');
