import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import type { Claim, ClaimSeverity } from '../../claim/types';
import { rulePage } from '../rules';
import type { SeverityCap } from '../settings';
import { folderOf } from './languages';
import type { ReportPlaces } from './reportPlaces';

export const source = 'robustness';

/** One diagnostic a rule that the claim breaks; none for a claim that is well made or suppressed. */
export function toDiagnostics(
  claim: Claim,
  document: vscode.Uri,
  extensionUri: vscode.Uri,
  cap: SeverityCap,
  places: ReportPlaces,
): vscode.Diagnostic[] {
  const range = rangeOf(claim);
  return claim.rules.map((hit) => {
    const diagnostic = new vscode.Diagnostic(range, hit.message, severity(hit.severity, cap));
    diagnostic.source = source;
    const page = rulePage(extensionUri, hit.rule);
    diagnostic.code = page === null ? hit.rule : { value: hit.rule, target: page };
    const report = reportOf(claim, document);
    if (report !== null && claim.evidence !== null) {
      const { pointer } = claim.evidence;
      const place = pointer === null ? undefined : places.of(report, pointer);
      const location = new vscode.Location(report, place ?? new vscode.Position(0, 0));
      diagnostic.relatedInformation = [
        new vscode.DiagnosticRelatedInformation(
          location,
          vscode.l10n.t('Held against the report on {0}', claim.evidence.model),
        ),
      ];
    }
    return diagnostic;
  });
}

export function rangeOf(claim: Claim): vscode.Range {
  return new vscode.Range(claim.line - 1, claim.column - 1, claim.endLine - 1, claim.endColumn - 1);
}

/** The report that a claim was held against; null if there is none. */
export function reportOf(claim: Claim, document: vscode.Uri): vscode.Uri | null {
  if (claim.evidence === null) return null;
  const { report } = claim.evidence;
  if (isAbsolute(report)) return vscode.Uri.file(report);
  return vscode.Uri.joinPath(folderOf(document), report);
}

const levels = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
  information: vscode.DiagnosticSeverity.Information,
} as const;

/** VS Code's levels grow as severity falls. */
function severity(own: ClaimSeverity, cap: SeverityCap): vscode.DiagnosticSeverity {
  return Math.max(levels[own], levels[cap]);
}
