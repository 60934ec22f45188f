import * as vscode from 'vscode';
import type { Claim } from '../../claim/types';
import { RobustnessError } from '../../engine/error';
import type { Notifier } from '../notify';
import { Owner } from '../owner';
import { rangeOf } from './diagnostic';
import type { ClaimDocuments } from './documents';
import { claimSelector } from './languages';
import { isDoubtful, type Opinion, Opinions, questionOf } from './opinion';
import { editorModel } from './opinionModel';

/**
 * What a language model of the editor thinks of doubtful sentences: asked for by a command alone, shown in hovers alone.
 * No verdict, severity or exit code knows of it.
 */
export class SecondOpinion extends Owner implements vscode.HoverProvider, vscode.CodeActionProvider {
  readonly #documents: ClaimDocuments;
  readonly #opinions = new Opinions(editorModel);

  constructor(documents: ClaimDocuments, notify: Notifier) {
    super();
    this.#documents = documents;
    const ask = notify.guard((uri?: vscode.Uri, line?: number) => this.#command(uri, line));
    this.own(vscode.commands.registerCommand('robustness.secondOpinion', ask));
    this.own(vscode.languages.registerHoverProvider(claimSelector, this));
    const metadata = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
    this.own(vscode.languages.registerCodeActionsProvider(claimSelector, this, metadata));
  }

  provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
    if (!isOn(document.uri)) return undefined;
    const claim = this.#documents.claimsOf(document).find((each) => rangeOf(each).contains(position));
    const opinion = claim && this.#opinions.known(questionOf(claim, document.getText()));
    return claim && opinion && new vscode.Hover(opinionText(opinion), rangeOf(claim));
  }

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { only }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    if (!isOn(document.uri) || (only !== undefined && !only.contains(vscode.CodeActionKind.QuickFix))) return [];
    const claim = this.#documents.claimsOf(document).find((each) => rangeOf(each).intersection(range) !== undefined);
    if (claim === undefined || !isDoubtful(claim)) return [];
    if (this.#opinions.known(questionOf(claim, document.getText())) !== undefined) return [];
    const title = vscode.l10n.t('Ask a language model for a second opinion');
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.command = { command: 'robustness.secondOpinion', title, arguments: [document.uri, claim.line - 1] };
    return [action];
  }

  /** Asks about the doubtful claims of a document, or about the one on a line (from 0). */
  async #command(uri: vscode.Uri | undefined, line: number | undefined): Promise<void> {
    const document =
      uri === undefined ? vscode.window.activeTextEditor?.document : await vscode.workspace.openTextDocument(uri);
    if (document === undefined) throw nothingToAsk();
    requireLeave();
    const claims = this.#documents
      .claimsOf(document)
      .filter((claim) => isDoubtful(claim) && (line === undefined || claim.line - 1 === line));
    if (claims.length === 0) throw nothingToAsk();
    if (!isOn(document.uri) && !(await consent(document.uri))) return;
    await this.#ask(document, claims);
  }

  async #ask(document: vscode.TextDocument, claims: readonly Claim[]): Promise<void> {
    const text = document.getText();
    const questions = claims.map((claim) => questionOf(claim, text));
    const title = vscode.l10n.t('Asking a language model');
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    const opinions = await vscode.window.withProgress(options, async (progress, token) => {
      const abort = new AbortController();
      const cancelled = token.onCancellationRequested(() => abort.abort(new vscode.CancellationError()));
      try {
        return await this.#opinions.ask(questions, abort.signal, (done) => {
          progress.report({ message: `${done}/${questions.length}`, increment: 100 / questions.length });
        });
      } finally {
        cancelled.dispose();
      }
    });
    const given = opinions.filter((opinion) => opinion !== null);
    const no = given.filter(({ claim }) => claim === 'no').length;
    const unread = opinions.length - given.length;
    const said = vscode.l10n.t(
      'A language model gave its opinion on {0} sentences; it thinks that {1} are no claims of robustness. Point at a sentence to read it. Verdicts stay as they are.',
      given.length,
      no,
    );
    const lost = unread === 0 ? '' : ` ${vscode.l10n.t('{0} answers could not be read.', unread)}`;
    void vscode.window.showInformationMessage(said + lost);
  }
}

function isOn(scope: vscode.Uri): boolean {
  return (
    vscode.workspace.isTrusted &&
    vscode.workspace.getConfiguration('robustness.claims', scope).get('secondOpinion', false)
  );
}

/** @throws RobustnessError `usage/untrusted` */
function requireLeave(): void {
  if (vscode.workspace.isTrusted) return;
  throw new RobustnessError(
    'usage/untrusted',
    vscode.l10n.t('No language model is asked in Restricted Mode.'),
    vscode.l10n.t('Trust this workspace ("Workspaces: Manage Workspace Trust") and try again.'),
  );
}

function nothingToAsk(): RobustnessError {
  return new RobustnessError(
    'claim/nothing-doubtful',
    vscode.l10n.t('There is no doubtful claim to ask about.'),
    vscode.l10n.t('Doubtful are claims without a figure that no report bears on; open a document that has one.'),
  );
}

/** Says what would be sent and to whom, and remembers leave in the settings. */
async function consent(scope: vscode.Uri): Promise<boolean> {
  const allow = vscode.l10n.t('Allow');
  const detail = vscode.l10n.t(
    'The sentence and up to 400 characters on either side of it are sent to the language model that this editor uses, which may run elsewhere. Its answer is shown when you point at the sentence, and decides nothing. The setting "robustness.claims.secondOpinion" takes this back.',
  );
  const question = vscode.l10n.t('Ask a language model about doubtful claims?');
  if ((await vscode.window.showInformationMessage(question, { modal: true, detail }, allow)) !== allow) return false;
  const settings = vscode.workspace.getConfiguration('robustness.claims', scope);
  await settings.update('secondOpinion', true, vscode.ConfigurationTarget.Global);
  return true;
}

function opinionText({ claim, reason, model }: Opinion): vscode.MarkdownString {
  const text = new vscode.MarkdownString(undefined, true);
  text.appendMarkdown('$(comment) ');
  const thinks = {
    yes: vscode.l10n.t('A language model ({0}) thinks this is a claim of robustness:', model),
    no: vscode.l10n.t('A language model ({0}) thinks this is no claim of robustness:', model),
    unsure: vscode.l10n.t('A language model ({0}) is unsure whether this is a claim of robustness:', model),
  };
  text.appendText(`${thinks[claim]} ${reason}`);
  text.appendMarkdown('\n\n').appendText(vscode.l10n.t('It was not checked, and changes no verdict.'));
  return text;
}
