/**
 * How typing in a long document feels: inside the extension host of a real VS Code with the packaged extension, how long the
 * host's thread is held up at a time, and how soon the diagnostics follow the last edit; in turns with the linter and without.
 *
 *   npx tsx bench/typing.ts [LINES=5000]
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { currentVsix } from '../scripts/packaging/current';
import { placeholderExtension } from '../scripts/rig/hostSuite';
import { launch } from '../scripts/rig/launch';
import { repositoryRoot } from '../scripts/rig/paths';
import { flavours, generateDocument } from './documents';
import type { TypingFigures } from './typingHost';

const lines = Number(process.argv[2] ?? 5000);
/** A host that does not come up must not hold this for ever. */
const limit = 5 * 60_000;

const folder = await mkdtemp(join(tmpdir(), 'typing-'));
const out = join(folder, '.figures.json');
const tests = join(repositoryRoot, 'out/typing.cjs');
await build({
  entryPoints: ['bench/typingHost.ts'],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  external: ['vscode'],
  outfile: tests,
  logLevel: 'warning',
});
const vsix = await currentVsix();
const extension = await placeholderExtension();
try {
  for (const flavour of flavours.filter((each) => each !== 'software')) {
    const work = join(folder, flavour);
    await mkdir(work);
    const path = join(work, 'README.md');
    await writeFile(path, generateDocument(1, flavour, lines));
    let ended: () => void = () => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const timer = setTimeout(ended, limit);
    const workbench = await launch({
      folder: work,
      vsix,
      extension,
      tests,
      env: { ROBUSTNESS_TYPING: JSON.stringify({ path, out }) },
      onExit: () => ended(),
    });
    await end;
    clearTimeout(timer);
    const figures = JSON.parse(await readFile(out, 'utf8').catch(() => '[]')) as TypingFigures[];
    if (figures.length === 0) console.log(workbench.log.slice(-20).join('\n'));
    await workbench.close();
    console.log(`${flavour}, ${lines} lines; load ${loadavg()[0]?.toFixed(1)}`);
    for (const { linter, toDiagnostics, delay, slow, diagnostics } of figures) {
      const sorted = [...toDiagnostics].sort((a, b) => a - b).map((each) => each.toFixed(0));
      console.log(
        `  ${linter ? 'with linter   ' : 'without linter'} thread held up: p99 ${delay.p99.toFixed(1)} ms, max ${delay.max.toFixed(1)} ms, ${slow} times above 20 ms` +
          (linter ? `; last edit to diagnostics: ${sorted.join(', ')} ms; ${diagnostics} diagnostics` : ''),
      );
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
