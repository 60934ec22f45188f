import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { RobustnessError } from '../../engine/error';
import type { EvaluationRequest } from '../../engine/evaluate/target';
import { rootOf } from '../files/find';
import { requireFile, requireTrust } from '../notify';
import type { ReportStore } from '../report/store';
import type { Evaluator } from '../runs/evaluator';
import type { RunStore } from '../runs/store';
import { evaluationSettings } from '../settings';
import { isEnsemble } from '../targets';
import { ensembleFrom, isSpecFile, subjectOf } from './ensembleFrom';
import { askOptions } from './options';
import { buildSpec } from './specQuestions';

/** From a model to its evaluation: finds the spec, or asks what cannot be inferred and writes one. */
export class Inspector {
  readonly #reports: ReportStore;
  readonly #runs: RunStore;
  readonly #evaluator: Evaluator;

  constructor(runs: RunStore, evaluator: Evaluator, reports: ReportStore) {
    this.#reports = reports;
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

  /** Writes a spec of several models as one, and opens it for a person to look at; evaluates nothing. */
  async createEnsemble(models: readonly vscode.Uri[]): Promise<void> {
    const [first] = models;
    if (first === undefined || models.length < 2) {
      throw new RobustnessError(
        'usage/ensemble',
        vscode.l10n.t('An ensemble needs two models or more.'),
        vscode.l10n.t('Select several ".onnx" files in the Explorer.'),
      );
    }
    const found = await this.#specFor(first);
    if (found === undefined) return;
    const { readSpec } = await import('../../engine/spec/read');
    const { writeSpec } = await import('../../engine/spec/write');
    const made = ensembleFrom(
      models.map(({ fsPath }) => fsPath),
      await readSpec(found),
      dirname(found),
    );
    await writeSpec(made.path, made.spec);
    await vscode.window.showTextDocument(vscode.Uri.file(made.path));
    const evaluate = vscode.l10n.t('Evaluate');
    const question = vscode.l10n.t(
      'Is this the ensemble that you mean? Its members answer by the mean of their probabilities.',
    );
    if ((await vscode.window.showInformationMessage(question, evaluate)) === evaluate) {
      await this.inspect(vscode.Uri.file(made.path));
    }
  }

  /** Evaluates all that a spec names. */
  async #evaluateSpec(specPath: string, options: Partial<EvaluationRequest>): Promise<void> {
    requireTrust();
    const { readSpec } = await import('../../engine/spec/read');
    const { ensembleTarget } = await import('../../engine/evaluate/ensembleTarget');
    const spec = await readSpec(specPath);
    const ensemble = ensembleTarget(spec, specPath, undefined);
    const subject = subjectOf(spec, specPath, ensemble?.modelPath ?? null);
    await this.#evaluator.evaluate({ specPath, ...options }, subject);
  }

  /** An ensemble is no file: the spec of its report says what it is. */
  async #evaluateEnsemble(path: string, options: Partial<EvaluationRequest>): Promise<void> {
    const report = (await this.#reports.byModel()).get(path);
    const specPath = report && (await this.#reports.resolve(report.summary.specPath ?? '', report.path));
    if (!specPath || report.summary.specPath === null) {
      throw new RobustnessError(
        'usage/no-spec',
        vscode.l10n.t('The spec of {0} is not where its report says.', basename(path)),
        vscode.l10n.t('Select its members in the Explorer and choose "Evaluate as Ensemble".'),
      );
    }
    await this.#evaluateSpec(specPath, options);
  }

  async #evaluate(model: vscode.Uri, options: Partial<EvaluationRequest>): Promise<void> {
    if (isSpecFile(model.fsPath)) return this.#evaluateSpec(model.fsPath, options);
    if (isEnsemble(model)) return this.#evaluateEnsemble(model.fsPath, options);
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
