import * as vscode from 'vscode';
import { RobustnessError } from '../../engine/error';
import type { OpinionModel } from './opinion';

/**
 * A language model of the editor. The editor asks for leave the first time.
 * @throws RobustnessError `claim/no-language-model`
 */
export async function editorModel(): Promise<OpinionModel> {
  // Editors that are made of VS Code do not all have the interface.
  const models =
    (await vscode.lm?.selectChatModels?.().then(
      (found) => found,
      () => [],
    )) ?? [];
  const [model] = models;
  if (model === undefined) {
    throw new RobustnessError(
      'claim/no-language-model',
      vscode.l10n.t('This editor has no language model to ask.'),
      vscode.l10n.t('Install an extension that provides one and sign in to it; nothing else needs one.'),
    );
  }
  return { name: model.name, ask: (prompt, signal) => ask(model, prompt, signal) };
}

async function ask(model: vscode.LanguageModelChat, prompt: string, signal: AbortSignal): Promise<string> {
  const source = new vscode.CancellationTokenSource();
  const cancel = () => source.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const justification = vscode.l10n.t('A second opinion on a sentence about robustness that is doubtful.');
    const messages = [vscode.LanguageModelChatMessage.User(prompt)];
    const response = await model.sendRequest(messages, { justification }, source.token);
    let answer = '';
    for await (const part of response.text) {
      signal.throwIfAborted();
      answer += part;
      // Whoever talks on does not answer the question.
      if (answer.length > 10_000) break;
    }
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    throw refused(error, model.name);
  } finally {
    signal.removeEventListener('abort', cancel);
    source.dispose();
  }
}

function refused(error: unknown, model: string): unknown {
  if (!(error instanceof vscode.LanguageModelError)) return error;
  const hint =
    error.code === vscode.LanguageModelError.NoPermissions.name
      ? vscode.l10n.t('Allow this extension to use it, or turn "robustness.claims.secondOpinion" off.')
      : vscode.l10n.t('Try again later; nothing else needs its answer.');
  const options = { cause: error };
  return new RobustnessError('claim/opinion-refused', vscode.l10n.t('{0} gave no answer.', model), hint, options);
}
