import * as vscode from 'vscode';
import { type ErrorData, RobustnessError, toErrorData } from '../engine/error';

/** Tells people about errors: what is wrong and what to do in a notification, the rest in the log. */
export class Notifier {
  readonly #log: vscode.LogOutputChannel;

  constructor(log: vscode.LogOutputChannel) {
    this.#log = log;
  }

  /** Shows `error`; what a person brought about on purpose (a cancelled run) is logged alone. */
  error(error: unknown): void {
    const data = this.log(error);
    if (data.code === 'worker/cancelled') return;
    const showLog = vscode.l10n.t('Show Log');
    void vscode.window.showErrorMessage(`${data.message} ${data.hint}`, showLog).then((choice) => {
      if (choice === showLog) this.#log.show();
    });
  }

  /** Writes `error` with its stack to the log, and returns it as data. */
  log(error: unknown): ErrorData {
    const data = toErrorData(error);
    const cause = error instanceof Error ? (error.stack ?? '') : '';
    this.#log.error(`${data.code}: ${data.message} ${data.hint}${cause === '' ? '' : `\n${cause}`}`);
    return data;
  }

  info(line: string): void {
    this.#log.info(line);
  }

  show(): void {
    this.#log.show();
  }

  /** `handler` as the handler of a command or an event: whatever it throws is shown, none is lost. */
  guard<A extends unknown[]>(handler: (...args: A) => unknown): (...args: A) => Promise<void> {
    return async (...args) => {
      try {
        await handler(...args);
      } catch (error) {
        if (!(error instanceof vscode.CancellationError)) this.error(error);
      }
    };
  }
}

/** @throws RobustnessError `usage/untrusted`: a model file is untrusted input, and a workspace says where models are. */
export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new RobustnessError(
    'usage/untrusted',
    vscode.l10n.t('Models are not evaluated in Restricted Mode.'),
    vscode.l10n.t('Trust this workspace ("Workspaces: Manage Workspace Trust") and try again.'),
  );
}

/** @throws RobustnessError `usage/not-a-file` for a resource of a virtual file system. */
export function requireFile(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new RobustnessError(
    'usage/not-a-file',
    vscode.l10n.t('{0} is not a file on this machine.', uri.toString(true)),
    vscode.l10n.t('Copy it to a local folder and open that folder.'),
  );
}
