import * as vscode from 'vscode';
import type { Preprocess, Spec } from '../../engine/spec/schema';
import type { RunStore } from '../runs/store';

/** What the worker proved about a model and its data. */
export interface Inference {
  readonly preprocess: NonNullable<Spec['preprocess']> | Preprocess;
  readonly accuracy: number;
  /** No pre-processing that was tried does better than guessing. */
  readonly atChance: boolean;
  /** One sentence for a person. */
  readonly message: string;
  readonly data: {
    readonly kind: 'image' | 'vector';
    readonly shape: readonly number[];
    /** In data space. */
    readonly range: readonly [number, number] | null;
    readonly unit: number;
  };
}

/** Has the worker try the usual pre-processings on a sample; a notification can cancel it. */
export function infer(runs: RunStore, modelPath: string, dataPath: string): Thenable<Inference> {
  const title = vscode.l10n.t('Finding the pre-processing that fits model and data');
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  return vscode.window.withProgress(options, async (_, token) => {
    const result = await runs.job({ kind: 'infer', modelPath, dataPath }, token);
    return result as Inference;
  });
}
