import type * as vscode from 'vscode';

/** Something that owns disposables and ends them, last one first, when it ends itself. */
export abstract class Owner implements vscode.Disposable {
  readonly #owned: vscode.Disposable[] = [];

  protected own<T extends vscode.Disposable>(disposable: T): T {
    this.#owned.push(disposable);
    return disposable;
  }

  dispose(): void {
    for (const disposable of this.#owned.splice(0).reverse()) disposable.dispose();
  }
}
