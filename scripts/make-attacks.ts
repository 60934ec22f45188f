// Writes the tables of attacks and suites into docs/attacks.md from the registry: `npx tsx scripts/make-attacks.ts`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withAttackTables } from './attackTable';

const page = join(process.cwd(), 'docs', 'attacks.md');
writeFileSync(page, withAttackTables(readFileSync(page, 'utf8')));
console.log('docs/attacks.md');
