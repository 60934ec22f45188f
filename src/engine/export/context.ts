import type { Oracle } from '../attack/types';
import { createVerifier, type Verifier, type VerifierModel } from '../attack/verify';
import { RobustnessError } from '../error';
import { openTarget } from '../evaluate/openTarget';
import { type Plan, planStages } from '../evaluate/plan';
import { frameOf, type Subject } from '../evaluate/prepare';
import { settleRandomness } from '../evaluate/randomness';
import { requestOfReport } from '../evaluate/settingsOfReport';
import type { EvaluationFacts } from '../evaluate/stage/stage';
import { targetsOf } from '../evaluate/target';
import { openSurrogates } from '../evaluate/transfer';
import type { Report } from '../report/schema';
import { baseOfReport, readReport } from '../report/store';
import type { ResolvedSpec } from '../spec/schema';
import type { ExportRequest } from './request';
import { type StoredForm, storedForm } from './stored';

/** An evaluation that is opened as it was, or as it would be, run. */
export interface ExportContext {
  readonly subject: Subject;
  readonly spec: ResolvedSpec;
  readonly facts: EvaluationFacts;
  readonly plan: Plan;
  readonly oracle: Oracle;
  readonly verifier: Verifier;
  /** The untouched model file. */
  readonly model: VerifierModel;
  readonly form: StoredForm;
  readonly report: Report | null;
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens what an export is of.
 * @throws RobustnessError `export/no-subject`, `export/several-models`, `export/changed`, `export/kind`, `export/several-inputs`, `export/task`;
 * what opening model, data and spec throws
 */
export async function openExport({ reportPath, evaluation }: ExportRequest): Promise<ExportContext> {
  const report = reportPath === undefined ? null : await readReport(reportPath);
  const request = report !== null && reportPath !== undefined ? requestOfReport(report, reportPath) : evaluation;
  if (request === undefined) {
    throw new RobustnessError('export/no-subject', 'Neither a report nor a spec was given.', 'Name one of them.');
  }
  const targets = await targetsOf({ ...evaluation, ...request });
  const [target] = targets;
  if (target === undefined || targets.length > 1) {
    throw new RobustnessError(
      'export/several-models',
      `The spec names ${targets.length} models, and an export is of one.`,
      'Name a report of one of them, or the model beside the spec.',
    );
  }
  const { subject, spec, opened, facts, notes, close: closeTarget } = await openTarget(target, request, refuse);
  const undo: (() => Promise<void>)[] = [closeTarget];
  const close = async () => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    const surrogates = await openSurrogates(subject, spec, opened);
    undo.push(() => surrogates.release());
    const plan = planStages(spec, facts, surrogates.attacks);
    const { oracle, verifierModel } = settleRandomness(opened, spec);
    const changed: string[] = [];
    if (report !== null && reportPath !== undefined) {
      const base = baseOfReport(reportPath);
      const now = frameOf(subject, spec, opened, facts, notes, base, '');
      sameAs(report, now);
      if (now.specSha256 !== report.specSha256)
        changed.push('The spec is not the one of the report any more: figures may differ.');
    }
    return {
      subject,
      spec,
      facts,
      plan,
      oracle,
      verifier: createVerifier(verifierModel),
      model: verifierModel,
      form: storedForm(subject),
      report,
      notes: changed,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws RobustnessError for what cannot be written as rows of numbers to train on */
function refuse({ dataset, target }: Subject): void {
  if (dataset.kind === 'text') {
    throw new RobustnessError(
      'export/kind',
      'The data are texts, which an array of numbers does not hold.',
      'Export examples of images, tables or time series.',
    );
  }
  if (dataset.record) {
    throw new RobustnessError(
      'export/several-inputs',
      'The model takes several inputs, and the file would hold one.',
      'Use `robustness attack`, which writes an array for each input.',
    );
  }
  if (target.spec.task === 'regression') {
    throw new RobustnessError(
      'export/task',
      'The model predicts numbers: its attacks look for the largest change, and break nothing.',
      'Export examples of a classifier.',
    );
  }
}

/** @throws RobustnessError `export/changed` */
function sameAs(report: Report, now: Pick<Report, 'model' | 'data'>): void {
  const changed = [
    ...(now.model.sha256 === report.model.sha256 ? [] : ['model']),
    ...(now.data.sha256 === report.data.sha256 ? [] : ['data']),
  ];
  if (changed.length === 0) return;
  throw new RobustnessError(
    'export/changed',
    `The ${changed.join(' and the ')} changed since the report was made, so its examples cannot be made again.`,
    'Evaluate again, then export from the new report.',
  );
}
