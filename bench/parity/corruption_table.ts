/**
 * Evaluates specs for `corruption_table.py` beside it and prints the paths of the reports: `npx tsx bench/parity/corruption_table.ts SPEC…`.
 */
import { evaluate } from '../../src/engine/evaluate/evaluate';

for (const specPath of process.argv.slice(2)) {
  const { reportPaths } = await evaluate({ specPath });
  console.log(reportPaths.join('\n'));
}
