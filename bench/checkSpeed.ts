/**
 * How long the command line takes to check many documents, all included, and a handful, as a pre-commit hook does.
 *
 *   npm run build && npx tsx bench/checkSpeed.ts [DOCUMENTS=1000] [LINES=300] [REPEATS=3] [FOLDER]
 *
 * With a folder, also documents put together of the Markdown in it, one text after another: generated prose has many times the claims.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Flavour, flavours, generateDocument } from './documents';

const [documents = 1000, lines = 300, repeats = 3] = process.argv.slice(2, 5).map(Number);
const source = process.argv[5];
const cli = resolve(process.env.ROBUSTNESS_CLI ?? 'dist/cli.cjs');
/** The clock counts what other programs do; the process' own time does not. */
const tellsTime = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => { const { user, system } = process.cpuUsage(); process.stderr.write('CPU ' + (user + system) / 1e6); });`,
)}`;
const folder = mkdtempSync(join(tmpdir(), 'check-speed-'));

function run(title: string, args: readonly string[]): void {
  const times: number[] = [];
  const cpu: number[] = [];
  let claims = 0;
  for (let i = 0; i < repeats; i++) {
    const started = performance.now();
    const child = spawnSync(process.execPath, ['--import', tellsTime, cli, 'check', ...args, '--format', 'json'], {
      cwd: folder,
      maxBuffer: 2 ** 30,
    });
    times.push((performance.now() - started) / 1000);
    if (child.status !== 0 && child.status !== 1) throw new Error(child.stderr.toString());
    cpu.push(Number(/CPU ([\d.]+)/.exec(child.stderr.toString())?.[1]));
    claims = (JSON.parse(child.stdout.toString()) as unknown[]).length;
  }
  const list = (seconds: readonly number[]) => seconds.map((each) => each.toFixed(2)).join(', ');
  console.log(`${title.padEnd(34)} ${list(times)} s; of the processors ${list(cpu)} s   (${claims} claims)`);
}

function write(flavour: Flavour): void {
  mkdirSync(join(folder, flavour));
  for (let i = 0; i < documents; i++)
    writeFileSync(join(folder, flavour, `document-${i}.md`), generateDocument(i, flavour, lines));
}

/** Each begins with another text, and goes on with every seventh. */
function writeFrom(from: string): void {
  const texts = readdirSync(from)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(from, name), 'utf8').split('\n'));
  mkdirSync(join(folder, 'real'));
  for (let i = 0; i < documents; i++) {
    const text: string[] = [];
    for (let next = i; text.length < lines; next += 7) text.push(`# Part ${next}`, '', ...texts[next % texts.length]!);
    writeFileSync(join(folder, 'real', `document-${i}.md`), text.slice(0, lines).join('\n'));
  }
}

try {
  console.log(
    `${documents} documents of ${lines} lines; ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`,
  );
  for (const flavour of flavours) {
    write(flavour);
    run(flavour, [flavour]);
  }
  if (source !== undefined) {
    writeFrom(source);
    run('real', ['real']);
  }
  run(
    'five documents (pre-commit hook)',
    [0, 1, 2, 3, 4].map((i) => `learning/document-${i}.md`),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
