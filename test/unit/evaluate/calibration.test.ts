import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/engine/data/open';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { type ExportContext, openExport } from '../../../src/engine/export/context';
import { exportExamples } from '../../../src/engine/export/export';
import { storedForm } from '../../../src/engine/export/stored';
import { calibrationError } from '../../../src/engine/metric/calibration';
import { predictions, softmax } from '../../../src/engine/metric/prediction';
import { brierScores } from '../../../src/engine/metric/probabilistic';
import { reliability } from '../../../src/engine/metric/reliability';
import { riskCoverage } from '../../../src/engine/metric/selective';
import { calibrationSections } from '../../../src/engine/report/calibrationSections';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { reportEarlier } from '../../fixtures/reportRich';
import { digitsWorkspace, type Workspace } from './workspace';

let workspace: Workspace;
let reportPath = '';
let report: Report;
let context: ExportContext;
beforeAll(async () => {
  workspace = await digitsWorkspace({
    gates: [
      'corruptions.ece <= 1',
      'calibration(linf) <= 0.01',
      'corruptions.aurc >= 0',
      'corruptions.overconfidence <= 1',
    ],
  });
  [reportPath = ''] = (await evaluate({ specPath: workspace.specPath })).reportPaths;
  report = await readReport(reportPath);
  context = await openExport({ reportPath, subject: { kind: 'corrupted' }, out: '' });
}, 60_000);
afterAll(async () => {
  await context.close();
  await workspace.remove();
});

interface Told {
  readonly confidence: Float64Array;
  readonly correct: Uint8Array;
  readonly brier: Float64Array;
}

/** What the model says of [n, ...shape], by the functions that the clean figures are made with. */
async function told(x: Float32Array, y: Int32Array): Promise<Told> {
  const logits = await context.oracle.logits(x);
  const p = softmax(logits, 10);
  const predicted = predictions(logits, 10);
  return {
    confidence: Float64Array.from(predicted, (c, i) => p[10 * i + c]!),
    correct: Uint8Array.from(predicted, (c, i) => (c === y[i] ? 1 : 0)),
    brier: Float64Array.from(brierScores(p, y, 10)),
  };
}

async function examples(path: string): Promise<{ x: Float32Array; y: Int32Array }> {
  const file = await openDataset({ path, inputs: 'x', labels: 'y', layout: 'flat' }, '.', { unit: 1 });
  const form = storedForm({ dataset: { unit: 255, shape: [1, 28, 28] }, scale: undefined } as unknown as Parameters<
    typeof storedForm
  >[0]);
  for await (const { x, y } of file.batches(file.count)) return { x: form.fromFile(x), y };
  throw new Error('empty');
}

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe('calibration of a real network', () => {
  it('under corruption is that of the examples as they are exported', async () => {
    const { corrupted } = report.calibration!;
    expect(corrupted!.byCorruption).toHaveLength(4);
    const out = join(workspace.root, 'corrupted.npz');
    await exportExamples({ reportPath, subject: { kind: 'corrupted' }, out });
    const all = await examples(out);
    for (const [k, row] of corrupted!.byCorruption.entries()) {
      const x = all.x.subarray(40 * 784 * k, 40 * 784 * (k + 1));
      const y = all.y.subarray(40 * k, 40 * (k + 1));
      const { confidence, correct, brier } = await told(x, y);
      const once = new Float64Array(y.length).fill(1);
      expect(row.n).toBe(40);
      expect(row.ece).toBeCloseTo(calibrationError(confidence, correct, once)!, 5);
      expect(row.meanConfidence).toBeCloseTo(mean(confidence), 5);
      expect(row.accuracy).toBeCloseTo(mean(correct), 9);
      expect(row.brier).toBeCloseTo(mean(brier), 5);
      expect(row.overconfidence).toBeCloseTo(reliability(confidence, correct).overconfidence!, 5);
      expect(row.aurc).toBeCloseTo(riskCoverage(confidence, correct).area!, 2);
      const measured = report.corruptions!.byCorruption.find((c) => c.name === row.name && c.severity === row.severity);
      expect(row.accuracy).toBeCloseTo(measured!.accuracy.value, 9);
    }
    const { ece, bySeverity, bins } = corrupted!;
    expect(ece).toBeCloseTo(mean(corrupted!.byCorruption.map((row) => row.ece)), 12);
    expect(bySeverity.map(({ severity }) => severity)).toEqual([1, 5]);
    expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(160);
  });

  it('under attack is that of the adversarial examples, and of the others as they are', async () => {
    const [attacked] = report.calibration!.attacked;
    const broken = report.outcomes.brokenBy.linf!.flatMap((by, i) => (by === null || by === 'clean' ? [] : [i]));
    expect(attacked).toMatchObject({ threatModel: 'linf', n: 40, leftOut: 0, broken: { n: broken.length } });
    const out = join(workspace.root, 'adversarial.npz');
    await exportExamples({ reportPath, subject: { kind: 'adversarial', threatModel: 'linf' }, out });
    const adversarial = await examples(out);
    const own = await told(adversarial.x, adversarial.y);
    expect(attacked!.broken.meanConfidence).toBeCloseTo(mean(own.confidence), 3);
    const clean = await examples(join(workspace.root, 'data/test.npz')).then(({ x, y }) =>
      told(x.subarray(0, 40 * 784), y.subarray(0, 40)),
    );
    broken.forEach((i, k) => {
      clean.confidence[i] = own.confidence[k]!;
      clean.correct[i] = 0;
    });
    const { ece, adaptiveEce, overconfidence, aurc } = attacked!;
    expect(ece.value).toBeCloseTo(calibrationError(clean.confidence, clean.correct, new Float64Array(40).fill(1))!, 3);
    expect(overconfidence.value).toBeCloseTo(mean(clean.confidence) - mean(clean.correct), 3);
    expect(adaptiveEce.value).toBeCloseTo(reliability(clean.confidence, clean.correct).adaptive!, 2);
    expect(aurc.value).toBeCloseTo(riskCoverage(clean.confidence, clean.correct).area!, 2);
    // 40 examples of which most are broken: nobody could be calibrated.
    expect(report.threatModels[0]!.robustAccuracy!.value).toBeCloseTo(mean(clean.correct), 9);
  });

  it('can be a gate', () => {
    expect(report.gates.map(({ pass }) => pass)).toEqual([true, false, true, true]);
    expect(report.gates[0]!.measured).toBe(report.calibration!.corrupted!.ece);
    expect(report.gates[1]!.measured).toBe(report.calibration!.attacked[0]!.ece.value);
  });

  it('stands in the table, clean data first, then by severity and by attacker', () => {
    const [section] = calibrationSections(report);
    const rows = section!.table!.rows;
    expect(rows.map(([data]) => data)).toEqual([
      'Clean',
      'Corrupted, severity 1',
      'Corrupted, severity 5',
      'Attacked, linf',
    ]);
    const percentOf = (share: number) => `${(100 * share).toFixed(1)} %`;
    expect(rows[0]).toContain(percentOf(report.clean!.ece!.value));
    expect(rows[2]).toContain(percentOf(report.calibration!.corrupted!.bySeverity[1]!.ece));
    expect(rows[3]).toContain(percentOf(report.calibration!.attacked[0]!.ece.value));
    expect(renderMarkdown(report)).toContain('## Calibration under pressure');
  });

  it('stands in the CSV', () => {
    const lines = renderCsv(report).split('\r\n');
    const { corrupted, attacked } = report.calibration!;
    expect(lines).toContain(`models/plain.onnx,calibration,,corrupted,,,ece,${corrupted!.ece},,,`);
    const [row] = corrupted!.byCorruption;
    expect(lines).toContain(`models/plain.onnx,calibration,,${row!.name},${row!.severity},,aurc,${row!.aurc},,,`);
    const { value, low, high, n } = attacked[0]!.ece;
    expect(lines).toContain(`models/plain.onnx,calibration,linf,,,,ece,${value},${low},${high},${n}`);
  });

  it('is not in reports of earlier versions, which have no such section', () => {
    const earlier = reportEarlier();
    expect(earlier.calibration).toBeUndefined();
    expect(calibrationSections(earlier)).toEqual([]);
  });
});
