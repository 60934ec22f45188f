import * as vscode from 'vscode';
import { RobustnessError } from '../engine/error';
import type { Claims } from './claims/register';
import { compare } from './compare/command';
import type { Inspector } from './inspect/inspector';
import type { Notifier } from './notify';
import { Owner } from './owner';
import { openAsText } from './report/actions';
import type { ReportEditor } from './report/editor';
import { exportReport, pickFormat } from './report/export';
import { exportExamples } from './report/exportExamples';
import type { ReadableReport, ReportStore } from './report/store';
import { openRule } from './rules';
import { type Evaluator, openReport } from './runs/evaluator';
import type { Run, RunStore } from './runs/store';
import { progressText } from './runs/view';
import { modelOf, pickReport, reportOf, type Target } from './targets';

export interface CommandDeps {
  readonly extensionUri: vscode.Uri;
  readonly notify: Notifier;
  readonly reports: ReportStore;
  readonly runs: RunStore;
  readonly evaluator: Evaluator;
  readonly inspector: Inspector;
  readonly editor: ReportEditor;
  readonly claims: Claims;
}

/** Every command, the hidden ones of links and quick fixes last. Errors of all are shown in one way. */
export class Commands extends Owner {
  readonly #deps: CommandDeps;

  constructor(deps: CommandDeps) {
    super();
    this.#deps = deps;
    const { notify, inspector, evaluator, reports, runs, editor, claims } = deps;
    const register = (name: string, handler: (...args: never[]) => unknown) => {
      this.own(vscode.commands.registerCommand(`robustness.${name}`, notify.guard(handler)));
    };
    // Links carry strings: a path is all that they need to say.
    const report = (target: Target | string) =>
      reportOf(typeof target === 'string' ? vscode.Uri.file(target) : target, reports, editor.active);

    register('inspect', async (target: Target) => {
      const model = await modelOf(target, reports);
      if (model !== undefined) await inspector.inspect(model);
    });
    register('evaluateWithOptions', async (target: Target) => {
      const model = await modelOf(target, reports);
      if (model !== undefined) await inspector.evaluateWithOptions(model);
    });
    register('createSpec', async (target: Target) => {
      const model = await modelOf(target, reports);
      if (model !== undefined) await inspector.createSpec(model);
    });
    register('evaluateEnsemble', (target: Target, selection: readonly Target[] | undefined) =>
      inspector.createEnsemble(resources(selection ?? [target]).filter((uri) => /\.(onnx|ort)$/i.test(uri.path))),
    );
    register('compare', (target: Target, selection: readonly Target[] | undefined) =>
      compare(resources(selection ?? [target]), deps),
    );
    register('cancel', (target: Target) => this.#cancel(target));
    register('resume', (target: Target) => this.#resume(target));
    register('openReport', async (target: Target | string) => {
      const path = await report(target);
      if (path !== undefined) await openReport(path);
    });
    register('openReportAsText', async (target: Target) => {
      const path = await report(target);
      if (path !== undefined) await openAsText(path);
    });
    register('exportReport', async (target: Target) => {
      const path = await report(target);
      if (path === undefined) return;
      const format = await pickFormat();
      if (format !== undefined) await exportReport(await reports.read(path), path, format);
    });
    register('exportExamples', async (target: Target | string) => {
      const path = await report(target);
      if (path !== undefined) await exportExamples(await reports.read(path), path, runs);
    });
    register('checkClaims', () => claims.checkWorkspace());
    register('insertEvidenceBlock', () => claims.insertBlock());
    register('updateModelIndex', () => claims.updateModelIndex());
    // A lens says which block; from the palette it is all of the active document.
    register('refreshEvidenceBlocks', (uri: vscode.Uri | undefined, start: number | undefined) =>
      claims.refreshBlocks(uri, start),
    );
    register('refresh', () => reports.changed());
    register('showLog', () => notify.show());

    register('openRule', (rule: string) => openRule(deps.extensionUri, rule));
    register('suppressClaim', (uri: vscode.Uri, line: number, rule: string) => claims.suppress(uri, line, rule));
    register('rerun', (path: string) => evaluator.rerun(path, undefined));
  }

  async #cancel(target: Target): Promise<void> {
    const { runs } = this.#deps;
    if (target !== undefined && !(target instanceof vscode.Uri) && target.kind === 'live')
      return runs.cancel(target.run);
    const run = await pickRun(runs.live);
    if (run !== undefined) runs.cancel(run);
  }

  async #resume(target: Target): Promise<void> {
    const { reports, runs, evaluator, editor } = this.#deps;
    if (target !== undefined || editor.active !== undefined) {
      const path = await reportOf(target, reports, editor.active);
      return path === undefined ? undefined : evaluator.resume(path);
    }
    const writing = new Set(runs.live.map((run) => run.reportPath));
    const resumable = (await reports.list()).filter(
      (entry): entry is ReadableReport =>
        !('error' in entry) && entry.summary.run !== null && entry.state !== 'complete' && !writing.has(entry.path),
    );
    if (resumable.length === 0) {
      throw new RobustnessError(
        'usage/nothing-to-resume',
        vscode.l10n.t('No evaluation was interrupted, so there is nothing to resume.'),
        vscode.l10n.t('Start one with "Robustness: Inspect Robustness".'),
      );
    }
    const entry = resumable.length === 1 ? resumable[0] : await pickReport(resumable);
    if (entry !== undefined) await evaluator.resume(entry.path);
  }
}

function resources(targets: readonly Target[]): vscode.Uri[] {
  return targets.flatMap((target) => {
    if (target instanceof vscode.Uri) return [target];
    // A run stands for its report, a model for its newest.
    if (target?.kind === 'past') return [vscode.Uri.file(target.report.path)];
    return target?.kind === 'model' ? [target.uri] : [];
  });
}

async function pickRun(live: readonly Run[]): Promise<Run | undefined> {
  if (live.length < 2) return live[0];
  const items = live.map((run) => ({
    label: vscode.workspace.asRelativePath(run.modelPath),
    description: progressText(run),
    run,
  }));
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Evaluation to cancel') }))?.run;
}
