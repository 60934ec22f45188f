import * as vscode from 'vscode';
import { type CheckTaskDefinition, checkArguments, isCheckTask } from './arguments';

const type = 'robustness';

/** Tasks that check claims with the bundled command line, as continuous integration does; findings go to the Problems view. */
export class CheckTasks implements vscode.TaskProvider {
  readonly #commandLine: string;

  constructor(extensionUri: vscode.Uri) {
    this.#commandLine = vscode.Uri.joinPath(extensionUri, 'dist', 'cli.cjs').fsPath;
  }

  register(): vscode.Disposable {
    return vscode.tasks.registerTaskProvider(type, this);
  }

  provideTasks(): vscode.Task[] {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    return folders.map((folder) => this.#task({ type, task: 'check' }, folder));
  }

  /** VS Code asks for the execution of a task that stands in `tasks.json`. */
  resolveTask(task: vscode.Task): vscode.Task | undefined {
    const { definition, scope } = task;
    if (!isCheckTask(definition)) return undefined;
    const folder = scope !== undefined && typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
    return folder?.uri.scheme === 'file' ? this.#task(definition, folder) : undefined;
  }

  #task(definition: CheckTaskDefinition, folder: vscode.WorkspaceFolder): vscode.Task {
    // The runtime of the extension host: in the desktop that is Electron, which has to be told to be Node.
    const execution = new vscode.ProcessExecution(
      process.execPath,
      [this.#commandLine, ...checkArguments(definition)],
      {
        cwd: folder.uri.fsPath,
        env: { ELECTRON_RUN_AS_NODE: '1', ROBUSTNESS_STAY_MS: '2000' },
      },
    );
    const name = vscode.l10n.t('check claims');
    const task = new vscode.Task(definition, folder, name, type, execution, ['$robustness-check']);
    task.group = vscode.TaskGroup.Test;
    task.detail = vscode.l10n.t('Robustness claims in prose, held against the reports');
    task.presentationOptions = { reveal: vscode.TaskRevealKind.Silent, clear: true };
    return task;
  }
}
