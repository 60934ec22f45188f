import * as vscode from 'vscode';
import type { ComparisonRow } from '../../claim/fix/comparison';
import type { Claim, ClaimVerdict } from '../../claim/types';
import { rulePage } from '../rules';
import { rangeOf, reportOf } from './diagnostic';
import type { ClaimDocuments } from './documents';
import type { EvidenceCache } from './evidence';
import { fixContext } from './fixContext';

/** On a claim: the verdict, and what was measured beside what it states. What is wrong with it, the diagnostics say. */
export class ClaimHover implements vscode.HoverProvider {
  readonly #documents: ClaimDocuments;
  readonly #evidence: EvidenceCache;
  readonly #extensionUri: vscode.Uri;

  constructor(documents: ClaimDocuments, evidence: EvidenceCache, extensionUri: vscode.Uri) {
    this.#documents = documents;
    this.#evidence = evidence;
    this.#extensionUri = extensionUri;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const claim = this.#documents.claimsOf(document).find((each) => rangeOf(each).contains(position));
    if (claim === undefined) return undefined;
    const rows = await this.#rows(document, claim);
    return new vscode.Hover(this.#describe(claim, rows, document.uri), rangeOf(claim));
  }

  async #rows(document: vscode.TextDocument, claim: Claim): Promise<ComparisonRow[]> {
    const context = claim.evidence === null ? null : await fixContext(document, this.#evidence);
    const report = context?.index.reports.find(({ path }) => path === claim.evidence?.report);
    if (report === undefined) return [];
    const { compareClaim } = await import('../../claim/fix/comparison');
    return compareClaim(claim, report);
  }

  #describe(claim: Claim, rows: readonly ComparisonRow[], document: vscode.Uri): vscode.MarkdownString {
    const text = new vscode.MarkdownString(undefined, true);
    text.isTrusted = { enabledCommands: ['robustness.openReport', 'robustness.openRule', 'robustness.rerun'] };
    text.appendMarkdown(`${icons[claim.verdict]} **${vscode.l10n.t('Robustness claim')}**: ${verdictText(claim)}\n\n`);
    const { evidence } = claim;
    if (evidence === null) text.appendText(vscode.l10n.t('No report in this workspace is evidence for it.'));
    else {
      if (rows.length > 0) appendTable(text, rows, claim);
      else {
        text.appendText(evidence.model);
        for (const figure of evidence.figures) text.appendMarkdown('\n- ').appendText(figure);
      }
      if (evidence.stale) text.appendMarkdown('\n\n').appendText(vscode.l10n.t('The model or the data changed since.'));
    }
    if (claim.suppressed !== null) {
      text.appendMarkdown('\n\n').appendText(vscode.l10n.t('Suppressed: {0}', claim.suppressed));
    }
    const links = this.#links(claim, document);
    if (links.length > 0) text.appendMarkdown(`\n\n${links.join(' · ')}`);
    return text;
  }

  #links(claim: Claim, document: vscode.Uri): string[] {
    const report = reportOf(claim, document);
    const links: string[] = [];
    if (report !== null) {
      links.push(commandLink(vscode.l10n.t('Open Report'), 'robustness.openReport', [report.fsPath]));
      if (claim.evidence?.stale === true && vscode.workspace.isTrusted)
        links.push(commandLink(vscode.l10n.t('Evaluate Again'), 'robustness.rerun', [report.fsPath]));
    }
    for (const { rule } of claim.rules) {
      // The name becomes a link: nothing but a rule that has its page does.
      if (rulePage(this.#extensionUri, rule) !== null) links.push(commandLink(rule, 'robustness.openRule', [rule]));
    }
    return links;
  }
}

function commandLink(title: string, command: string, args: readonly unknown[]): string {
  return `[${title}](command:${command}?${encodeURIComponent(JSON.stringify(args))})`;
}

/** Names come from reports, which anyone may have written: none becomes mark-up. */
function escaped(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()#+\-!|<>~$&]/g, '\\$&');
}

/** Kept on one line: a figure is read as one. */
const unbroken = (text: string) => text.replaceAll(' ', '\u00a0');

function appendTable(text: vscode.MarkdownString, rows: readonly ComparisonRow[], claim: Claim): void {
  const sizes = new Set(rows.map(({ n }) => n));
  const [size] = sizes;
  const model = escaped(claim.evidence?.model ?? '');
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const header = [
    sizes.size === 1 ? `${model} (n = ${size})` : model,
    vscode.l10n.t('Stated'),
    vscode.l10n.t('Measured'),
  ];
  text.appendMarkdown(line(header) + line([':--', ':--', ':--']));
  for (const row of rows) {
    const stated = unbroken(escaped(row.stated ?? ''));
    const holds = row.stated !== null && claim.verdict === 'supported';
    const mark = row.differs ? '$(error)\u00a0' : holds ? '$(pass)\u00a0' : '';
    const measured = escaped(row.measured) + (sizes.size === 1 ? '' : `, n = ${row.n}`);
    text.appendMarkdown(line([measureText(row), mark + stated, unbroken(measured)]));
  }
  const attacks = [...new Set(rows.map((row) => row.attacks))].filter((words) => words !== '');
  for (const words of attacks) {
    const of = rows.filter((row) => row.attacks === words).map(({ condition }) => condition);
    const under = attacks.length === 1 ? '' : `${escaped(of.join(', '))}: `;
    text.appendMarkdown(`\n\n${under}${vscode.l10n.t('Attacks: {0}', escaped(words))}`);
  }
}

function measureText({ measure, condition }: ComparisonRow): string {
  const under = condition === '' ? '' : `, ${unbroken(escaped(condition))}`;
  switch (measure) {
    case 'clean':
      return vscode.l10n.t('Clean accuracy');
    case 'robust':
      return `${vscode.l10n.t('Robust accuracy')}${under}`;
    case 'certified':
      return `${vscode.l10n.t('Certified accuracy')}${under}`;
    case 'corruptions':
      return vscode.l10n.t('Mean under corruptions');
  }
}

const icons: Record<ClaimVerdict, string> = {
  supported: '$(pass)',
  unsupported: '$(question)',
  contradicted: '$(error)',
  stale: '$(history)',
  overreaching: '$(warning)',
  underspecified: '$(warning)',
};

function verdictText({ verdict }: Claim): string {
  switch (verdict) {
    case 'supported':
      return vscode.l10n.t('supported by the evidence.');
    case 'unsupported':
      return vscode.l10n.t('nothing supports it.');
    case 'contradicted':
      return vscode.l10n.t('the evidence contradicts it.');
    case 'stale':
      return vscode.l10n.t('the evidence is out of date.');
    case 'overreaching':
      return vscode.l10n.t('it says more than the evidence does.');
    case 'underspecified':
      return vscode.l10n.t('it does not say enough to be checked.');
  }
}
