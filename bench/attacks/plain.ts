/**
 * What pitfalls the real networks raise that nobody planted a fault in: of severity `error` there should be none, but where the network has
 * the fault.
 *
 *   npx tsx bench/attacks/plain.ts [--suite quick] [--limit 60] [--epsilon E] [NAME…]
 *
 * Each classifier of the material that has data, at a radius at which some of its examples break. Infos are left out.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate } from '../../src/engine/evaluate/evaluate';
import type { Report } from '../../src/engine/report/schema';
import { readReport } from '../../src/engine/report/store';
import { type MaterialModel, materialClassifiers, materialRoot, materialSource } from '../../test/unit/material';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string', default: 'quick' },
    limit: { type: 'string', default: '60' },
    epsilon: { type: 'string' },
  },
});

const radius = { mnist: 0.05, cifar10: '2/255', gtsrb: '2/255' } as const;

async function reportOf(model: MaterialModel): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'plain-'));
  try {
    const { mean, std, layout } = model.preprocess;
    const specPath = join(folder, 'robustness.json');
    const spec = {
      model: model.path,
      data: { test: { path: resolve(materialRoot, materialSource(model)), limit: Number(values.limit) } },
      preprocess: { mean, std, layout },
      threatModels: [
        {
          name: 'linf',
          norm: 'linf',
          epsilon: values.epsilon ?? radius[model.dataset],
          knowledge: 'white-box',
          goal: 'untargeted',
          suite: values.suite,
        },
      ],
      corruptions: false,
    };
    await writeFile(specPath, JSON.stringify(spec));
    const { reportPaths } = await evaluate({ specPath, threads: 1 });
    return await readReport(reportPaths[0]!);
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const model of materialClassifiers) {
  if (positionals.length > 0 && !positionals.some((name) => model.file.includes(name))) continue;
  const report = await reportOf(model).catch((error: unknown) => String(error));
  if (typeof report === 'string') {
    console.log(`${model.file.slice(0, 40).padEnd(42)}${report}`);
    continue;
  }
  const [threat] = report.threatModels;
  const percent = (share: number | undefined) => `${(100 * (share ?? 0)).toFixed(0)} %`.padStart(7);
  console.log(
    `${model.file.slice(0, 40).padEnd(42)}${percent(report.clean?.accuracy.value)}${percent(threat?.robustAccuracy?.value)}`,
  );
  for (const { severity, rule, message } of report.pitfalls)
    if (severity !== 'info') console.log(`    ${severity} ${rule.replace('pitfalls/', '')}: ${message}`);
}
