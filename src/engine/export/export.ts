import { resolve } from 'node:path';
import { openDataset } from '../data/open';
import type { PlannedCorruption } from '../evaluate/corruptionPlan';
import { argmax } from '../evaluate/state';
import type { Report } from '../report/schema';
import { writeAdversarial } from './adversarial';
import { type ExportContext, openExport } from './context';
import { chosenCorruptions, writeCorrupted } from './corrupted';
import { encodeTexts } from './npzStream';
import type { ExportProgress, ExportRequest, ExportResult } from './request';
import { ExportRows } from './rows';

const common = {
  x: 'examples, in the layout and the units of the data as they are stored, float32',
  y: 'true classes',
  index: 'positions in the data set',
};

/**
 * Writes examples to train on: those that the attacks of a threat model broke, or those under corruptions. They are made again as the
 * evaluation made them, written as they come, and what was written is read again and given to the untouched model file.
 *
 * @throws RobustnessError `export/…`; what opening model, data and spec throws
 */
export async function exportExamples(
  request: ExportRequest,
  onProgress: (progress: ExportProgress) => void = () => {},
): Promise<ExportResult> {
  onProgress({ stage: 'Opening model and data', done: 0, total: 1 });
  const context = await openExport(request);
  try {
    return request.subject.kind === 'adversarial'
      ? await exportAdversarial(context, request.subject.threatModel, resolve(request.out), onProgress)
      : await exportCorrupted(context, request.subject, resolve(request.out), onProgress);
  } finally {
    await context.close();
  }
}

type Say = (progress: ExportProgress) => void;

async function exportAdversarial(context: ExportContext, name: string, out: string, say: Say): Promise<ExportResult> {
  const { rows, result: tally } = await written(
    out,
    context,
    (to) => writeAdversarial(context, name, to, say),
    async (to) => {
      const threat = context.spec.threatModels.find((each) => each.name === name)!;
      await to.finish(['distance'], {
        threat_model: encodeTexts([name]),
        norm: encodeTexts([threat.norm]),
        epsilon: { shape: [1], values: Float64Array.of(threat.epsilon) },
        classes: encodeTexts(context.facts.classes),
      });
    },
  );
  const wrong = await reread(context, out, rows, say);
  const { reported, found, lostInRounding } = tally;
  const agrees = reported === found;
  return {
    ...factsOf(context, out, rows),
    kind: 'adversarial',
    arrays: {
      ...common,
      y_pred: 'classes that the model file predicts of them',
      distance: 'size of the perturbation in the norm, data units (ε is in them)',
      'threat_model, norm, epsilon, classes': 'what they are of',
    },
    errorRate: rows === 0 ? null : wrong / rows,
    report: reported === null ? null : { wrong: reported, found, agrees },
    notes: [
      ...context.notes,
      ...(reported === null || agrees
        ? []
        : [`The report counts ${reported} examples as broken, and ${found} were found again: ${beside}`]),
      ...(lostInRounding === 0
        ? []
        : [`${lostInRounding} attempts were broken before they were rounded to the units of the file, and not after.`]),
    ],
  };
}

const beside = 'checks beside the attacks broke the others, or the model is at the edge of what rounding changes.';

async function exportCorrupted(
  context: ExportContext,
  subject: Parameters<typeof chosenCorruptions>[1],
  out: string,
  say: Say,
): Promise<ExportResult> {
  const planned = chosenCorruptions(context, subject);
  const names = [...new Set(planned.map(({ corruption }) => corruption.name))];
  const { rows, result: tally } = await written(
    out,
    context,
    (to) => writeCorrupted(context, planned, to, say),
    (to) => to.finish([], { corruption_names: encodeTexts(names), classes: encodeTexts(context.facts.classes) }),
  );
  const wrong = tally.missing ? null : await reread(context, out, rows, say);
  return {
    ...factsOf(context, out, rows),
    kind: 'corrupted',
    arrays: {
      ...common,
      corruption: 'positions in corruption_names',
      severity: '1 to 5',
      'corruption_names, classes': 'names by position',
    },
    errorRate: wrong === null ? null : wrong / rows,
    report: wrong === null ? null : againstReport(context.report, planned, wrong),
    notes: [
      ...context.notes,
      ...(tally.missing ? ['The file holds values that are missing (NaN), and was not read again for that.'] : []),
    ],
  };
}

/** Null where the report has not measured all of these. */
function againstReport(
  report: Report | null,
  planned: readonly PlannedCorruption[],
  found: number,
): ExportResult['report'] {
  let wrong = 0;
  for (const { corruption, severity } of planned) {
    const row = report?.corruptions?.byCorruption.find(
      (each) => each.name === corruption.name && each.severity === severity,
    );
    if (row === undefined) return null;
    wrong += Math.round((1 - row.accuracy.value) * row.accuracy.n);
  }
  return { wrong, found, agrees: wrong === found };
}

async function written<Result>(
  out: string,
  { form }: ExportContext,
  write: (rows: ExportRows) => Promise<Result>,
  finish: (rows: ExportRows) => Promise<void>,
): Promise<{ rows: number; result: Result }> {
  const rows = await ExportRows.create(out, form);
  try {
    const result = await write(rows);
    await finish(rows);
    return { rows: rows.count, result };
  } catch (error) {
    await rows.abandon();
    throw error;
  }
}

function factsOf({ form }: ExportContext, out: string, rows: number): Pick<ExportResult, 'out' | 'examples' | 'shape'> {
  return { out, examples: rows, shape: [rows, ...form.shape] };
}

/** Reads the file as any other data set, and counts what the model file is wrong about. */
async function reread({ form, model }: ExportContext, out: string, rows: number, say: Say): Promise<number> {
  if (rows === 0) return 0;
  const file = await openDataset({ path: out, format: 'npz', inputs: 'x', labels: 'y', layout: 'flat' }, '.', {
    unit: 1,
  });
  let wrong = 0;
  try {
    for await (const { start, count, x, y } of file.batches(64)) {
      const predicted = argmax(await model.predict(form.fromFile(x)), model.classes);
      for (let i = 0; i < count; i++) if (predicted[i] !== y[i]) wrong++;
      say({ stage: 'Reading the file again', done: start + count, total: rows });
    }
  } finally {
    await file.close();
  }
  return wrong;
}
