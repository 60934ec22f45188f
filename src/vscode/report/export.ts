import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { AnyReport } from '../../engine/report/regression';

export type ExportFormat = 'md' | 'html' | 'csv';

/** Renders a report as a document of its own, and asks where it goes. */
export async function exportReport(report: AnyReport, reportPath: string, format: ExportFormat): Promise<void> {
  const text = await render(report, format);
  const name = `${basename(reportPath).replace(/\.robustness\.json$/, '')}-robustness.${format}`;
  const folder = dirname(reportPath);
  const base = basename(folder) === '.robustness' ? dirname(folder) : folder;
  const filters = { md: { Markdown: ['md'] }, html: { HTML: ['html'] }, csv: { CSV: ['csv'] } };
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(base, name)),
    filters: filters[format],
    title: vscode.l10n.t('Where the Report Goes'),
  });
  if (target === undefined) return;
  await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  const open = vscode.l10n.t('Open');
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('The report is in {0}.', vscode.workspace.asRelativePath(target)),
    open,
  );
  if (choice === open) await vscode.commands.executeCommand('vscode.open', target);
}

/** Asks for a format; undefined when it was given up. */
export async function pickFormat(): Promise<ExportFormat | undefined> {
  const items: { label: string; detail: string; format: ExportFormat }[] = [
    { label: 'Markdown', detail: vscode.l10n.t('For a model card or a pull request'), format: 'md' },
    { label: 'HTML', detail: vscode.l10n.t('One self-contained page'), format: 'html' },
    { label: 'CSV', detail: vscode.l10n.t('The figures as a table'), format: 'csv' },
  ];
  return (await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Export the report as') }))?.format;
}

async function render(report: AnyReport, format: ExportFormat): Promise<string> {
  switch (format) {
    case 'md':
      return (await import('../../engine/report/markdown')).renderMarkdown(report);
    case 'html':
      return (await import('../../engine/report/html')).renderHtml(report);
    case 'csv':
      return (await import('../../engine/report/csv')).renderCsv(report);
  }
}
