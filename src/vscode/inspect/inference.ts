import * as vscode from 'vscode';
import type { EvaluationInference } from '../../engine/evaluate/inferEvaluation';
import type { RunStore } from '../runs/store';

/** Has the worker try the usual pre-processings on a sample; a notification can cancel it. */
export function infer(runs: RunStore, modelPath: string, dataPath: string): Thenable<EvaluationInference> {
  const title = vscode.l10n.t('Finding the pre-processing that fits model and data');
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_, token) => {
    const result = await runs.job({ kind: 'infer', modelPath, dataPath }, token);
    return result as EvaluationInference;
  });
}
