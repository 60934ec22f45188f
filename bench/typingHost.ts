import { readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { type Held, ThreadProfile } from './typingProfile';

/** Of one way to type, with the linter or without it. Milliseconds. */
export interface TypingFigures {
  readonly linter: boolean;
  /** From the last edit to the last of the diagnostics that it caused; empty without the linter. */
  readonly toDiagnostics: readonly number[];
  /** How long the thread of the extensions was held up at a time while somebody typed and paused. */
  readonly delay: { readonly mean: number; readonly p99: number; readonly max: number };
  /** Turns of the thread that took longer than 20 ms, by the clock: other processes have their part in it. */
  readonly slow: number;
  /** Turns that took more than 20 ms of the thread's own processor time; null where the system does not tell. */
  readonly worked: number | null;
  /** What the thread was seen at; null where no samples were taken. */
  readonly held: Held | null;
  readonly diagnostics: number;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const bursts = 5;
/** A fast typist. */
const between = 60;
/** Long enough for the check that a pause causes. */
const pause = 1500;

/** Runs inside an extension host: types bursts into the document that `ROBUSTNESS_TYPING` names, and writes what it measured. */
export async function run(): Promise<void> {
  const { path, out, view } = JSON.parse(process.env.ROBUSTNESS_TYPING ?? '{}') as {
    path: string;
    out: string;
    view: boolean;
  };
  const uri = vscode.Uri.file(path);
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  if (view) await vscode.commands.executeCommand('robustness.claims.focus');
  const settings = vscode.workspace.getConfiguration('robustness.claims');
  const count = () => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'robustness').length;
  for (let i = 0; i < 600 && count() === 0; i++) await sleep(100);
  const figures: TypingFigures[] = [];
  const folder = vscode.extensions.getExtension('robustness-inspector.robustness-inspector')?.extensionPath;
  const isOurs = (url: string) => folder !== undefined && url.includes(folder);
  // Samples cost time themselves: what is felt is measured without them.
  for (const [linter, profiled] of [
    [true, false],
    [false, false],
    [true, true],
    [false, true],
    [true, false],
    [false, false],
  ] as const) {
    await settings.update('enable', linter, vscode.ConfigurationTarget.Workspace);
    // Until the first check of all is done, or what was shown is gone.
    for (let i = 0; i < 100 && count() > 0 !== linter; i++) await sleep(100);
    await sleep(1000);
    figures.push(await type(document, linter, profiled ? isOurs : null, count));
    // What was measured is there although the rest takes too long.
    writeFileSync(out, JSON.stringify(figures));
  }
}

/** Milliseconds for which the main thread had a processor; null where the system does not tell. */
function threadTime(): number | null {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
}

async function type(
  document: vscode.TextDocument,
  linter: boolean,
  isOurs: ((url: string) => boolean) | null,
  count: () => number,
): Promise<TypingFigures> {
  const profile = isOurs === null ? null : new ThreadProfile();
  await profile?.start();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const toDiagnostics: number[] = [];
  let edited = 0;
  /** When diagnostics were last told of; those of a long document come in several parts. */
  let told = 0;
  const listening = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    if (uris.some((uri) => uri.toString() === document.uri.toString())) told = performance.now();
  });
  let slow = 0;
  let last = performance.now();
  let worked = 0;
  let lastTime = threadTime();
  const ticker = setInterval(() => {
    const now = performance.now();
    const time = threadTime();
    if (now - last > 5 + 20) slow++;
    if (time !== null && lastTime !== null && time - lastTime > 20) worked++;
    last = now;
    lastTime = time;
  }, 5);
  delay.enable();
  for (let burst = 0; burst < bursts; burst++) {
    // Near the end of a sentence, so that it is this document's claims that change.
    const line = Math.floor(((burst + 0.5) / bursts) * document.lineCount);
    // As a person does, with the cursor there: the editor asks for quick fixes, highlights and the like either way.
    const editor = await vscode.window.showTextDocument(document);
    const { end } = document.lineAt(line).range;
    editor.selection = new vscode.Selection(end, end);
    editor.revealRange(editor.selection);
    await sleep(pause);
    // A line break moves all claims below it.
    for (const text of ` robust to noise ${burst}${burst % 2 === 0 ? '' : '\n'}`) {
      edited = performance.now();
      await vscode.commands.executeCommand('type', { text });
      await sleep(between);
    }
    await sleep(pause);
    if (linter && told > edited) toDiagnostics.push(told - edited);
  }
  const held = isOurs === null ? null : ((await profile?.stop(isOurs)) ?? null);
  delay.disable();
  clearInterval(ticker);
  listening.dispose();
  const ms = (nanoseconds: number) => nanoseconds / 1e6;
  return {
    linter,
    toDiagnostics,
    delay: { mean: ms(delay.mean), p99: ms(delay.percentile(99)), max: ms(delay.max) },
    slow,
    worked: lastTime === null ? null : worked,
    held,
    diagnostics: count(),
  };
}
