import * as vscode from 'vscode';
import { Claims } from './vscode/claims/register';
import { Commands } from './vscode/commands';
import { FileHashes } from './vscode/files/hash';
import { Inspector } from './vscode/inspect/inspector';
import { ModelsView } from './vscode/models/view';
import { Notifier } from './vscode/notify';
import { reportActions } from './vscode/report/actions';
import { ReportEditor } from './vscode/report/editor';
import { ReportStore } from './vscode/report/store';
import { Evaluator } from './vscode/runs/evaluator';
import { RunStatus } from './vscode/runs/statusBar';
import { RunStore } from './vscode/runs/store';
import { RunsView } from './vscode/runs/view';
import { CheckTasks } from './vscode/tasks/provider';

/** Composes the rooms of `src/vscode`. Heavy code (schemas, the Markdown parser) is imported where it is first used. */
export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri, subscriptions } = context;
  const own = <T extends vscode.Disposable>(disposable: T): T => {
    subscriptions.push(disposable);
    return disposable;
  };
  const notify = new Notifier(own(vscode.window.createOutputChannel('Robustness', { log: true })));
  try {
    const reports = own(new ReportStore(new FileHashes()));
    const runs = own(new RunStore(context.asAbsolutePath('dist/worker.cjs')));
    const evaluator = new Evaluator(runs, reports, notify);
    const inspector = new Inspector(runs, evaluator, reports);
    const actions = reportActions({ extensionUri, reports, evaluator, runs });
    const editor = own(new ReportEditor({ extensionUri, reports, runs, notify, actions }));
    evaluator.editor = editor;
    own(new ModelsView(reports, runs, notify));
    own(new RunsView(reports, runs, notify));
    own(new RunStatus(runs));
    const claims = own(new Claims(extensionUri, reports, notify));
    own(new CheckTasks(extensionUri).register());
    own(new Commands({ extensionUri, notify, reports, runs, evaluator, inspector, editor, claims }));
  } catch (error) {
    // VS Code writes a failed activation to its log only; the person would see commands that are not found.
    notify.error(error);
    throw error;
  }
}
