import * as vscode from 'vscode';
import type { Claim } from '../../claim/types';
import type { Notifier } from '../notify';
import type { BlockStates } from './blockStates';
import { rangeOf, reportOf, source } from './diagnostic';
import type { ClaimDocuments } from './documents';
import type { EvidenceCache } from './evidence';
import { rangeOfEdit, textAction, textFixes } from './fixes';

/** `source.fixAll.robustness`: what needs no judgement. */
const fixAll = vscode.CodeActionKind.SourceFixAll.append('robustness');

export interface ClaimActionsDeps {
  readonly documents: ClaimDocuments;
  readonly evidence: EvidenceCache;
  readonly blocks: BlockStates;
  readonly notify: Notifier;
}

/** Fixes of claims: write what was measured, get the evidence, look at it, read the rule, or suppress with a reason. */
export class ClaimActions implements vscode.CodeActionProvider {
  static readonly metadata: vscode.CodeActionProviderMetadata = {
    providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, fixAll],
  };
  readonly #deps: ClaimActionsDeps;

  constructor(deps: ClaimActionsDeps) {
    this.#deps = deps;
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    context: vscode.CodeActionContext,
  ): Promise<vscode.CodeAction[]> {
    const { only } = context;
    // It looks at the whole document, so it is made for those who ask for it by name.
    if (only?.intersects(fixAll) && !only.contains(vscode.CodeActionKind.QuickFix)) return this.#fixAll(document);
    if (only !== undefined && !only.contains(vscode.CodeActionKind.QuickFix)) return [];
    const ours = context.diagnostics.filter((diagnostic) => diagnostic.source === source);
    if (ours.length === 0) return [];
    const claim = this.#deps.documents
      .claimsOf(document)
      .find((each) => ours.some((diagnostic) => rangeOf(each).isEqual(diagnostic.range)));
    const written = claim === undefined ? [] : await this.#written(document, claim, ours);
    const preferred = written.length > 0;
    const evidence = claim === undefined ? [] : evidenceActions(document, claim, ours, preferred);
    // Where there is no evidence to write down, getting it comes first.
    return [...written, ...evidence, ...ours.flatMap((diagnostic) => ruleActions(document, diagnostic))];
  }

  async #written(
    document: vscode.TextDocument,
    claim: Claim,
    diagnostics: vscode.Diagnostic[],
  ): Promise<vscode.CodeAction[]> {
    try {
      const fixes = await textFixes(document, claim, this.#deps.evidence);
      return fixes.map((fix) => {
        const action = textAction(document, fix);
        action.diagnostics = diagnostics;
        return action;
      });
    } catch (error) {
      // The other fixes must not be lost with this one.
      this.#deps.notify.log(error);
      return [];
    }
  }

  /** Contradicted figures become the measured ones, and blocks what their reports give; what a hand changed stays. */
  async #fixAll(document: vscode.TextDocument): Promise<vscode.CodeAction[]> {
    const { documents, evidence, blocks } = this.#deps;
    const edit = new vscode.WorkspaceEdit();
    const faulty = documents.claimsOf(document).filter(({ rules }) => rules.length > 0);
    for (const claim of faulty) {
      for (const fix of await textFixes(document, claim, evidence)) {
        if (fix.kind !== 'correct') continue;
        for (const each of fix.edits) edit.replace(document.uri, rangeOfEdit(document, each), each.newText);
      }
    }
    for (const block of await blocks.of(document)) {
      if (block.edit === null || block.state === 'edited') continue;
      edit.replace(document.uri, rangeOfEdit(document, block.edit), block.edit.newText);
    }
    if (edit.size === 0) return [];
    const action = new vscode.CodeAction(vscode.l10n.t('Write what was measured'), fixAll);
    action.edit = edit;
    return [action];
  }
}

/** The way to evidence: running the evaluation where there is none or it is stale, else reading it. */
function evidenceActions(
  document: vscode.TextDocument,
  claim: Claim,
  diagnostics: vscode.Diagnostic[],
  hasPreferred: boolean,
): vscode.CodeAction[] {
  const report = reportOf(claim, document.uri);
  const rerun = report === null || claim.evidence?.stale === true;
  const actions: vscode.CodeAction[] = [];
  if (report !== null) {
    const open = action(vscode.l10n.t('Open the report that this was held against'), 'robustness.openReport', [report]);
    open.isPreferred = !rerun && !hasPreferred;
    actions.push(open);
  }
  if (vscode.workspace.isTrusted) {
    const run =
      report === null
        ? action(vscode.l10n.t('Evaluate a model for evidence…'), 'robustness.inspect', [])
        : action(vscode.l10n.t('Evaluate the model again'), 'robustness.rerun', [report.fsPath]);
    run.isPreferred = rerun && !hasPreferred;
    // What is to be preferred stands first.
    if (rerun) actions.unshift(run);
    else actions.push(run);
  }
  for (const each of actions) each.diagnostics = diagnostics;
  return actions;
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
