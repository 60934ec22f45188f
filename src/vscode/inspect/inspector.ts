import * as vscode from 'vscode';
import type { EvaluationRequest } from '../../engine/evaluate/target';
import { rootOf } from '../files/find';
import { requireFile, requireTrust } from '../notify';
import type { Evaluator } from '../runs/evaluator';
import type { RunStore } from '../runs/store';
import { evaluationSettings } from '../settings';
import { askOptions } from './options';
import { buildSpec } from './specQuestions';

/** From a model to its evaluation: finds the spec, or asks what cannot be inferred and writes one. */
export class Inspector {
  readonly #runs: RunStore;
  readonly #evaluator: Evaluator;

  constructor(runs: RunStore, evaluator: Evaluator) {
    this.#runs = runs;
    this.#evaluator = evaluator;
  }

  /** Evaluates as the spec and the settings say. */
  async inspect(model: vscode.Uri): Promise<void> {
    await this.#evaluate(model, evaluationSettings(model));
  }

  /** Evaluates with options asked for once; the spec stays as it is. */
  async evaluateWithOptions(model: vscode.Uri): Promise<void> {
    requireTrust();
    const options = await askOptions();
    if (options !== undefined) await this.#evaluate(model, { ...evaluationSettings(model), ...options });
  }

  /** Writes a spec for the model without evaluating it; opens the one that there is. */
  async createSpec(model: vscode.Uri): Promise<void> {
    const path = await this.#specFor(model);
    if (path !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(path));
  }

  async #evaluate(model: vscode.Uri, options: Partial<EvaluationRequest>): Promise<void> {
    const specPath = await this.#specFor(model);
    if (specPath === undefined) return;
    await this.#evaluator.evaluate({ specPath, modelPath: model.fsPath, ...options }, model.fsPath);
  }

  /** Undefined when a question was given up. */
  async #specFor(model: vscode.Uri): Promise<string | undefined> {
    requireTrust();
    const modelPath = requireFile(model);
    // Before any question: what is no ONNX model is not worth an answer.
    const { refuseOtherFormat } = await import('../../engine/onnx/format');
    await refuseOtherFormat(modelPath);
    const root = rootOf(model);
    const { findSpecFor } = await import('../../engine/spec/find');
    const found = await findSpecFor(modelPath, root);
    if (found !== null) return found;
    const built = await buildSpec(modelPath, root, this.#runs);
    if (built === undefined) return undefined;
    const { writeSpec } = await import('../../engine/spec/write');
    await writeSpec(built.path, built.spec);
    return built.path;
  }
}
