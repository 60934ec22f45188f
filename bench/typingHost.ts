import { readFileSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { type Held, ThreadProfile } from './typingProfile';

/** Of one way to type, with the linter or without it. Milliseconds. */
export interface TypingFigures {
  readonly linter: boolean;
  /** From the last edit to the last of the diagnostics that it caused; empty without the linter. */
  readonly toDiagnostics: readonly number[];
  /** Of each burst, since its last edit: when the thread was held for more than 20 ms, by the clock, and when this extension's diagnostics were others. */
  readonly bursts: readonly {
    readonly held: readonly (readonly [from: number, to: number])[];
    readonly changed: readonly number[];
  }[];
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

/** Lines of the bursts, as of the last round with the linter. */
const places: number[] = [];

/** The line of one of this extension's diagnostics, so far down among them. */
function underlined(uri: vscode.Uri, share: number): number {
  const lines = vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'robustness')
    .map(({ range }) => range.end.line)
    .sort((a, b) => a - b);
  return lines[Math.floor(share * lines.length)]!;
}

/** What this extension's diagnostics of a document are and where, in short. */
function print(uri: vscode.Uri): string {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'robustness')
    .map(({ range: { start, end }, message }) => `${start.line}:${start.character}-${end.character} ${message.length}`)
    .join();
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
  let allHeld: (readonly [number, number])[] = [];
  const timelines: TypingFigures['bursts'][number][] = [];
  // Looked at rather than listened for: other extensions have diagnostics of the document too, and the editor tells of all 50 ms later.
  let seen: string | null = null;
  let changed: number[] = [];
  let slow = 0;
  let last = performance.now();
  let worked = 0;
  let lastTime = threadTime();
  const ticker = setInterval(() => {
    const now = performance.now();
    const time = threadTime();
    if (now - last > 5 + 20) {
      slow++;
      allHeld.push([last, now]);
    }
    if (time !== null && lastTime !== null && time - lastTime > 20) worked++;
    if (seen !== null) {
      const shown = print(document.uri);
      if (shown !== seen) changed.push(performance.now());
      seen = shown;
    }
    last = now;
    lastTime = time;
  }, 5);
  delay.enable();
  for (let burst = 0; burst < bursts; burst++) {
    // Where something is underlined, so that it is diagnostics that change.
    if (linter) places[burst] = underlined(document.uri, (burst + 0.5) / bursts);
    const line = places[burst]!;
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
    seen = print(document.uri);
    await sleep(pause);
    timelines.push({
      held: allHeld.filter(([, to]) => to > edited).map(([from, to]) => [from - edited, to - edited] as const),
      changed: changed.map((at) => at - edited),
    });
    if (linter && changed.length > 0) toDiagnostics.push(changed.at(-1)! - edited);
    [allHeld, changed, seen] = [[], [], null];
  }
  const held = isOurs === null ? null : ((await profile?.stop(isOurs)) ?? null);
  delay.disable();
  clearInterval(ticker);
  const ms = (nanoseconds: number) => nanoseconds / 1e6;
  return {
    linter,
    toDiagnostics,
    bursts: timelines,
    delay: { mean: ms(delay.mean), p99: ms(delay.percentile(99)), max: ms(delay.max) },
    slow,
    worked: lastTime === null ? null : worked,
    held,
    diagnostics: count(),
  };
}
