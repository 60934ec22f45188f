/**
 * How typing in a long document feels: inside the extension host of a real VS Code with the packaged extension, how long the
 * host's thread is held up at a time, and how soon the diagnostics follow the last edit; in turns with the linter and without.
 *
 *   npx tsx bench/typing.ts [LINES=5000] [--view] [--only learning|claims] [--others] [--timeline]
 *
 * With `--view`, the Claims view is open beside the document; with `--others`, more is told of what was not this extension's work;
 * with `--timeline`, when after the last edit of each burst the thread was held, and this extension's diagnostics changed.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { currentVsix } from '../scripts/packaging/current';
import { placeholderExtension } from '../scripts/rig/hostSuite';
import { launch } from '../scripts/rig/launch';
import { repositoryRoot } from '../scripts/rig/paths';
import { flavours, generateDocument } from './documents';
import type { TypingFigures } from './typingHost';

const { values, positionals } = parseArgs({
  options: {
    view: { type: 'boolean', default: false },
    only: { type: 'string' },
    others: { type: 'boolean', default: false },
    timeline: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const lines = Number(positionals[0] ?? 5000);
/** Of one flavour, milliseconds: a host that does not come up, or crawls, must not hold this for ever. */
const limit = 15 * 60_000;

const timeUp = Symbol('time up');
function within<T>(promise: Promise<T>, ms: number): Promise<T | typeof timeUp> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof timeUp>((resolve) => {
    timer = setTimeout(() => resolve(timeUp), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

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
  for (const flavour of flavours.filter((each) => each !== 'software' && each === (values.only ?? each))) {
    const work = join(folder, flavour);
    await mkdir(work);
    const path = join(work, 'README.md');
    await writeFile(path, generateDocument(1, flavour, lines));
    // In the browser VS Code saves by itself, which is not what is measured.
    await mkdir(join(work, '.vscode'));
    await writeFile(join(work, '.vscode/settings.json'), JSON.stringify({ 'files.autoSave': 'off' }));
    await rm(out, { force: true });
    const end = Promise.withResolvers<void>();
    const env = { ROBUSTNESS_TYPING: JSON.stringify({ path, out, view: values.view }) };
    const workbench = await within(
      launch({ folder: work, vsix, extension, tests, env, onExit: () => end.resolve() }),
      limit,
    );
    if (workbench === timeUp) throw new Error(`VS Code did not come up within ${limit / 1000} s.`);
    if ((await within(end.promise, limit)) === timeUp) console.log(`Not done within ${limit / 1000} s; so far:`);
    const figures = JSON.parse(await readFile(out, 'utf8').catch(() => '[]')) as TypingFigures[];
    if (figures.length === 0) console.log(workbench.log.slice(-20).join('\n'));
    await within(workbench.close(), 20_000);
    console.log(`${flavour}, ${lines} lines; load ${loadavg()[0]?.toFixed(1)}`);
    for (const { linter, toDiagnostics, delay, slow, worked, held, diagnostics, bursts } of figures) {
      const sorted = [...toDiagnostics].sort((a, b) => a - b).map((each) => each.toFixed(0));
      console.log(
        `  ${linter ? 'with linter   ' : 'without linter'} thread held up: p99 ${delay.p99.toFixed(1)} ms, max ${delay.max.toFixed(1)} ms, ${slow} times above 20 ms by the clock, ${worked ?? '?'} by processor time` +
          (held === null ? '' : ' (with samples)') +
          (linter ? `; last edit to diagnostics: ${sorted.join(', ')} ms; ${diagnostics} diagnostics` : ''),
      );
      const ms = (each: number) => each.toFixed(0);
      if (values.timeline)
        for (const burst of bursts) {
          const holds = burst.held.map(([from, to]) => `${ms(from)}-${ms(to)}`);
          console.log(`    held ${holds.join(' ')}; changed ${burst.changed.map(ms).join(' ')}`);
        }
      if (held === null) continue;
      console.log(
        `    of them by samples: ${held.stretches}, in ${held.withOurs} of which this extension was at work; it kept the thread above 20 ms ${held.ours} times, ${held.longestOurs.toFixed(1)} ms at most, ${held.total.toFixed(0)} ms in all`,
      );
      const print = ([name, ms]: readonly [string, number]) =>
        console.log(`      ${ms.toFixed(1).padStart(7)} ms ${name}`);
      held.entries.slice(0, 12).forEach(print);
      console.log('    and of all else:');
      held.others.slice(0, values.others ? 40 : 6).forEach(print);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
// A browser or a server that did not close in time keeps no one waiting.
process.exit();
