import * as vscode from 'vscode';
import { rangeOf, reportOf, source } from './diagnostic';
import type { ClaimDocuments } from './documents';

/** Quick fixes of claim diagnostics: get the evidence, look at it, read the rule, or suppress with a reason. */
export class ClaimActions implements vscode.CodeActionProvider {
  static readonly metadata: vscode.CodeActionProviderMetadata = {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
  };
  readonly #documents: ClaimDocuments;

  constructor(documents: ClaimDocuments) {
    this.#documents = documents;
  }

  provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    if (context.only !== undefined && !context.only.contains(vscode.CodeActionKind.QuickFix)) return [];
    const ours = context.diagnostics.filter((diagnostic) => diagnostic.source === source);
    if (ours.length === 0) return [];
    return [
      ...this.#evidenceActions(document, ours),
      ...ours.flatMap((diagnostic) => ruleActions(document, diagnostic)),
    ];
  }

  /** The way to evidence is the fix to prefer: running the evaluation where there is none or it is stale, else reading it. */
  #evidenceActions(document: vscode.TextDocument, diagnostics: vscode.Diagnostic[]): vscode.CodeAction[] {
    const claim = this.#documents
      .claimsOf(document)
      .find((each) => diagnostics.some((diagnostic) => rangeOf(each).isEqual(diagnostic.range)));
    if (claim === undefined) return [];
    const report = reportOf(claim, document.uri);
    const rerun = report === null || claim.evidence?.stale === true;
    const actions: vscode.CodeAction[] = [];
    if (report !== null) {
      const open = action(vscode.l10n.t('Open the report that this was held against'), 'robustness.openReport', [
        report,
      ]);
      open.diagnostics = diagnostics;
      open.isPreferred = !rerun;
      actions.push(open);
    }
    if (vscode.workspace.isTrusted) {
      const run =
        report === null
          ? action(vscode.l10n.t('Evaluate a model for evidence…'), 'robustness.inspect', [])
          : action(vscode.l10n.t('Evaluate the model again'), 'robustness.rerun', [report.fsPath]);
      run.diagnostics = diagnostics;
      run.isPreferred = rerun;
      actions.push(run);
    }
    return actions;
  }
}

function ruleActions(document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction[] {
  const rule = typeof diagnostic.code === 'object' ? String(diagnostic.code.value) : String(diagnostic.code);
  const actions = [
    action(vscode.l10n.t('Suppress {0} here, with a reason…', rule), 'robustness.suppressClaim', [
      document.uri,
      diagnostic.range.start.line,
      rule,
    ]),
    action(vscode.l10n.t('Show the documentation of {0}', rule), 'robustness.openRule', [rule]),
  ];
  for (const each of actions) each.diagnostics = [diagnostic];
  return actions;
}

function action(title: string, command: string, args: unknown[]): vscode.CodeAction {
  const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  made.command = { command, title, arguments: args };
  return made;
}
