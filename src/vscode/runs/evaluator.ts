import { basename } from 'node:path';
import * as vscode from 'vscode';
import { RobustnessError } from '../../engine/error';
import type { EvaluationRequest } from '../../engine/evaluate/target';
import { percent } from '../../engine/report/words';
import type { SuiteName } from '../../engine/spec/schema';
import type { Notifier } from '../notify';
import { requireTrust } from '../notify';
import { type ReportEditor, reportViewType } from '../report/editor';
import type { ReportStore } from '../report/store';
import { summarize } from '../report/summary';
import { evaluationSettings } from '../settings';
import type { Run, RunStore } from './store';

/** Starts evaluations on behalf of a person: opens the report at once, and tells how it ended. */
export class Evaluator {
  readonly #runs: RunStore;
  readonly #reports: ReportStore;
  readonly #notify: Notifier;
  /** Set by the composition: editor and evaluator need each other. */
  editor: ReportEditor | undefined;

  constructor(runs: RunStore, reports: ReportStore, notify: Notifier) {
    this.#runs = runs;
    this.#reports = reports;
    this.#notify = notify;
  }

  /** Settles when the report is open and the evaluation runs; its end is told by a notification. */
  async evaluate(request: EvaluationRequest, modelPath: string): Promise<void> {
    requireTrust();
    const already = this.#runs.byModel(modelPath);
    if (already !== undefined) {
      if (already.reportPath !== null) await openReport(already.reportPath);
      void vscode.window.showInformationMessage(vscode.l10n.t('{0} is being evaluated.', basename(modelPath)));
      return;
    }
    this.#notify.info(`evaluate ${JSON.stringify(request)}`);
    const { run, opened, ended } = this.#runs.start(request, modelPath);
    void ended.then(
      this.#notify.guard((run: Run) => this.#ended(run)),
      (error: unknown) => this.#notify.error(error),
    );
    const reportPath = await opened.catch(() => null);
    if (run.notice !== null) void vscode.window.showWarningMessage(`${run.notice}.`);
    if (reportPath !== null) await openReport(reportPath);
  }

  /** @throws RobustnessError `report/…`, `usage/nothing-to-resume` */
  async resume(reportPath: string): Promise<void> {
    const report = await this.#reports.read(reportPath);
    if (report.run === null) {
      throw new RobustnessError(
        'usage/nothing-to-resume',
        vscode.l10n.t('There is nothing to resume: this evaluation is complete.'),
        vscode.l10n.t('Run it again instead.'),
      );
    }
    const { modelPath, request } = await this.#again(reportPath);
    await this.evaluate({ ...request, seed: report.seed, resume: report.run }, modelPath);
  }

  /** Evaluates the model of a report again, as its spec says but with this preset. */
  async rerun(reportPath: string, preset: SuiteName | undefined): Promise<void> {
    const { modelPath, request } = await this.#again(reportPath);
    await this.evaluate({ ...request, ...(preset === undefined ? {} : { preset }) }, modelPath);
  }

  /**
   * Evaluates the model of a report again with the stronger attacks that one of its pitfalls asks for.
   * @throws RobustnessError `report/no-mitigation`
   */
  async mitigate(reportPath: string, pitfall: { readonly rule: string; readonly message: string }): Promise<void> {
    const { mitigationRequest } = await import('../report/mitigate');
    const stronger = mitigationRequest(await this.#reports.read(reportPath), pitfall);
    const { modelPath, request } = await this.#again(reportPath);
    await this.evaluate({ ...request, ...stronger }, modelPath);
  }

  /** The request that made a report. */
  async #again(reportPath: string): Promise<{ modelPath: string; request: EvaluationRequest }> {
    const report = await this.#reports.read(reportPath);
    const { resolveStored } = await import('../../engine/report/store');
    const modelPath = resolveStored(reportPath, report.model.path);
    const source =
      report.specPath === null
        ? { dataPath: resolveStored(reportPath, report.data.path) }
        : { specPath: resolveStored(reportPath, report.specPath) };
    const { provider, threads } = evaluationSettings(vscode.Uri.file(modelPath));
    const runtime = { ...(provider ? { provider } : {}), ...(threads ? { threads } : {}) };
    const again = { ...source, ...runtime, out: reportPath };
    const { ensemble } = report.model;
    if (ensemble === undefined || report.specPath !== null) return { modelPath, request: { ...again, modelPath } };
    // Its members were named by options: there is neither a file nor a spec that does.
    const members = ensemble.members.map(({ path }) => resolveStored(reportPath, path));
    const weights = ensemble.members.map(({ weight }) => weight);
    return { modelPath, request: { ...again, ensemble: { members, weights, combine: ensemble.combine } } };
  }

  async #ended(run: Run): Promise<void> {
    if (run.reportPath !== null && run.state !== 'complete') {
      const { markStopped } = await import('../../engine/report/store');
      await markStopped(run.reportPath, 'interrupted', run.state === 'failed' ? run.error : null);
    }
    this.#reports.changed();
    if (run.state === 'failed' && run.error !== null) {
      this.#notify.error(RobustnessError.fromData(run.error));
      return;
    }
    if (run.state !== 'complete' || run.reportPath === null || this.editor?.shows(run.reportPath)) return;
    const open = vscode.l10n.t('Open Report');
    const choice = await vscode.window.showInformationMessage(outcome(run), open);
    if (choice === open) await openReport(run.reportPath);
  }
}

function outcome(run: Run): string {
  const name = basename(run.modelPath);
  if (run.report === null) return vscode.l10n.t('{0} is evaluated.', name);
  const { clean, threatModels } = summarize(run.report);
  const [threat] = threatModels;
  if (clean === null || threat === undefined || threat.robust === null) return vscode.l10n.t('{0} is evaluated.', name);
  return vscode.l10n.t(
    '{0}: clean accuracy {1}, robust accuracy at most {2} ({3}).',
    name,
    percent(clean.value),
    percent(threat.robust.value),
    threat.label,
  );
}

export async function openReport(path: string): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(path), reportViewType);
}
