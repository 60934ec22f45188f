// npm start [-- --port N] [-- --no-serve]: from a fresh clone to the sample's figures and a VS Code that shows them.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild, ensureDependencies, newest, root, run, say } from './setup.mjs';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, serve: { type: 'boolean', default: true } },
  allowNegative: true,
});

await ensureDependencies();
await ensureBuild();

const sample = join(root, 'samples/digits');
const spec = join(sample, 'robustness.yaml');
const reports = join(sample, '.robustness');
if (!current(reports)) {
  say('Evaluating the sample: two digit classifiers, one trained plainly, one adversarially …');
  const code = await run('node', ['dist/cli.cjs', 'evaluate', spec], { stdio: ['ignore', 'ignore', 'inherit'] });
  // 1: a gate of the sample failed, which is a result, not an error.
  if (code > 1) process.exit(code);
}
say('The sample, clean against robust:');
const compared = await run('node', ['dist/cli.cjs', 'compare', ...reportFiles(reports)]);
if (compared > 1) process.exit(compared);

if (values.serve) process.exit(await run('tsx', ['scripts/workbench.ts', '--port', values.port, sample]));

function reportFiles(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.robustness.json'));
  return names.sort().map((name) => join(folder, name));
}

/** True if every model of the sample has a finished report on this very file, younger than the spec and the data. */
function current(folder) {
  const inputs = Math.max(newest(spec), newest(join(sample, 'data')));
  const reported = new Set();
  for (const path of reportFiles(folder)) {
    try {
      const report = JSON.parse(readFileSync(path, 'utf8'));
      if (report.status.state === 'complete' && newest(path) > inputs) reported.add(report.model.sha256);
    } catch {
      // A broken report is no report.
    }
  }
  const models = readdirSync(join(sample, 'models')).filter((name) => name.endsWith('.onnx'));
  return models.every((name) => reported.has(sha256(join(sample, 'models', name))));
}

function sha256(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
