import * as vscode from 'vscode';
import type { Claim } from '../../claim/types';
import type { Notifier } from '../notify';
import { claimSettings } from '../settings';
import type { ClaimDocuments } from './documents';
import { checkText, type EvidenceCache } from './evidence';
import { claimFiles } from './languages';

/** Prose is small; a Markdown file beyond this is a dump. */
const largest = 2 * 1024 * 1024;

/** Reads ahead of the threads that check. */
const inFlight = 8;
const most = 20_000;

/** Checks every document of the workspace, open or not, and shows what was found in the Problems view. */
export async function checkWorkspace(
  documents: ClaimDocuments,
  evidence: EvidenceCache,
  notify: Notifier,
): Promise<void> {
  const title = vscode.l10n.t('Checking robustness claims');
  const options = { location: vscode.ProgressLocation.Window, title, cancellable: true };
  await vscode.window.withProgress(options, async (progress, token) => {
    evidence.clear();
    const uris = await findDocuments(token);
    let [started, done, checked, claims, faulty] = [0, 0, 0, 0, 0];
    const work = async () => {
      while (started < uris.length && !token.isCancellationRequested) {
        const uri = uris[started++]!;
        try {
          const found = await checkFile(uri, documents, evidence);
          if (found !== null) checked++;
          claims += found?.length ?? 0;
          faulty += found?.filter((claim) => claim.rules.length > 0).length ?? 0;
        } catch (error) {
          // One unreadable file must not hide what is wrong with the others.
          notify.log(error);
        }
        progress.report({ message: `${++done}/${uris.length}` });
      }
    };
    await Promise.all(Array.from({ length: inFlight }, work));
    if (token.isCancellationRequested) return;
    documents.wholeWorkspace = true;
    void tell(checked, claims, faulty);
  });
}

/** Files of the workspace that may be documents; what of them is checked, specs say. */
export async function findDocuments(token?: vscode.CancellationToken): Promise<vscode.Uri[]> {
  return vscode.workspace.findFiles(claimFiles, '**/{node_modules,.git,__pycache__,venv}/**', most, token);
}

/** Checks one document, open or not, and keeps what was found; null if it is not to be checked. */
export async function checkFile(
  uri: vscode.Uri,
  documents: ClaimDocuments,
  evidence: EvidenceCache,
): Promise<readonly Claim[] | null> {
  if (!claimSettings(uri).enable || (await vscode.workspace.fs.stat(uri)).size > largest) return null;
  const found = await checkText(await textOf(uri), uri, evidence);
  if (found !== null) await documents.keep(uri, found);
  return found;
}

/** What the editor holds, which need not be saved; else what is on disk. */
async function textOf(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  return open?.getText() ?? new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

async function tell(documents: number, claims: number, faulty: number): Promise<void> {
  if (faulty === 0) {
    const text = vscode.l10n.t('Documents: {0}. Robustness claims: {1}, all well made.', documents, claims);
    await vscode.window.showInformationMessage(text);
    return;
  }
  const show = vscode.l10n.t('Show Problems');
  const text = vscode.l10n.t('Robustness claims that need attention: {0} of {1}.', faulty, claims);
  const choice = await vscode.window.showWarningMessage(text, show);
  if (choice === show) await vscode.commands.executeCommand('workbench.actions.view.problems');
}
