// npm test: every check there is, in the order in which they are cheap. Ends with `N passed, N failed, N skipped`.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild, ensureDependencies, root, run, say } from './setup.mjs';

const results = join(root, 'out/test');

await ensureDependencies();
// The command line's tests run the bundle.
await ensureBuild();
say('Getting a browser and a VS Code server ready');
await run('tsx', ['scripts/set-up-rig.ts']);
rmSync(results, { recursive: true, force: true });

const steps = [
  check('Lint', 'biome', ['check', '.', '--diagnostic-level=warn', '--error-on-warnings']),
  check('Types', 'npm', ['run', '--silent', 'typecheck']),
  check('Dead code', 'knip', []),
  suite('Unit tests', 'vitest', ['run'], 'unit.json', vitestCounts),
  check('Packaging for this platform', 'tsx', ['scripts/package.ts']),
  suite(
    'Inside VS Code, with the packaged extension',
    'tsx',
    ['scripts/host-tests.ts'],
    '../host-results.json',
    (all) => all,
  ),
  suite(
    'In a browser, as a person would',
    'vitest',
    ['run', '--config', 'vitest.e2e.config.ts'],
    'e2e.json',
    vitestCounts,
  ),
];

const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
for (const step of steps) {
  say(step.title);
  const started = Date.now();
  const counts = await step.run();
  for (const kind of Object.keys(total)) total[kind] += counts[kind];
  const seconds = Math.round((Date.now() - started) / 1000);
  lines.push(`${counts.failed === 0 ? '✓' : '✗'} ${step.title}: ${sentence(counts)} (${seconds} s)`);
}
console.log(`\n${lines.join('\n')}\n\n${sentence(total)}`);
process.exit(total.failed === 0 ? 0 : 1);

/** One thing that holds or does not. */
function check(title, command, args) {
  return {
    title,
    run: async () => {
      const code = await run(command, args);
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
    },
  };
}

/** Many tests, which leave their counts in a file. A run that left none, or died after it, is a failure of its own. */
function suite(title, command, args, file, counts) {
  const path = join(results, file);
  const reporters = command === 'vitest' ? ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`] : [];
  return {
    title,
    run: async () => {
      rmSync(path, { force: true });
      const code = await run(command, [...args, ...reporters]);
      try {
        const found = counts(JSON.parse(readFileSync(path, 'utf8')));
        return code !== 0 && found.failed === 0 ? { ...found, failed: 1 } : found;
      } catch {
        return { passed: 0, failed: 1, skipped: 0 };
      }
    },
  };
}

function vitestCounts({ numPassedTests, numFailedTests, numPendingTests, numTodoTests }) {
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

function sentence({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
