import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { ClaimChecker } from '../../claim/checker/checker';
import { byRepository, discoverDocuments, repositoryOf } from '../../claim/checker/discover';
import { isInScope } from '../../claim/checker/scope';
import { type ClaimFormat, formatClaims } from '../../claim/format';
import { loadEvidence } from '../../claim/reports';
import type { RuleSettings } from '../../claim/severity';
import type { Claim, ClaimSeverity } from '../../claim/types';
import { RobustnessError } from '../../engine/error';
import { tool } from '../../engine/evaluate/version';
import { type Arguments, type Command, type ExitCode, exitCode, jsonOption, type Terminal } from '../command';
import { fromHere, rulesOf, shippedPage } from './checkRules';

export const checkCommand: Command = {
  name: 'check',
  usage: 'PATH… [--format line|json|sarif] | --stdin --stdin-filename FILE',
  summary: 'Robustness claims in prose, held against the reports in the repository.',
  details: [
    'PATH is a document, a folder whose documents are checked, or a glob. What git ignores is left out, and so is what',
    'the `claims` of a spec (robustness.yaml) leaves out; a document that is named is always checked.',
    'Severities of rules are set by the `claims.rules` of a spec, and by --rule.',
    'Exit code 1: a claim is not supported; with --severity or --max-warnings, what these say. 2: a document could not be checked.',
  ],
  options: {
    format: { type: 'string', value: 'F', help: 'What to print; line if absent.', choices: ['line', 'json', 'sarif'] },
    quiet: { type: 'boolean', help: 'Print errors alone; the exit code stays what it is.' },
    severity: {
      type: 'string',
      value: 'S',
      help: 'Exit with 1 only for what is at least so severe.',
      choices: ['error', 'warning', 'info'],
    },
    rule: {
      type: 'string',
      value: 'NAME=S',
      multiple: true,
      help: 'Severity of a rule, before what specs say: error, warning, info or off.',
    },
    'max-warnings': { type: 'string', value: 'N', help: 'Exit with 1 only for errors, or for more than N warnings.' },
    scoped: { type: 'boolean', help: 'Leave out what specs leave out, although it is named: for hooks.' },
    stdin: { type: 'boolean', help: 'Check what comes on standard input.' },
    'stdin-filename': { type: 'string', value: 'FILE', help: 'Where that document lies; it need not exist.' },
    ...jsonOption,
  },
  positionals: { least: 0, most: Number.POSITIVE_INFINITY },
  async run(args, terminal) {
    const format = args.flag('json') ? 'json' : ((args.text('format') ?? 'line') as ClaimFormat);
    const fails = failureOf(args);
    const settings = rulesOf(args);
    const cwd = process.cwd();
    const { claims, count, failed } = await (args.flag('stdin')
      ? checkInput(args, cwd, settings)
      : checkPaths(args, cwd, settings, terminal));
    terminal.out(
      formatClaims(args.flag('quiet') ? claims.flatMap(errorsOf) : claims, format, tool.version, shippedPage),
    );
    const unsupported = claims.filter(isUnsupported);
    if (format === 'line' && !args.flag('quiet')) {
      const few = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
      terminal.err(
        `${few(claims.filter(({ comment }) => !comment).length, 'claim')} in ${few(count, 'document')}, ${unsupported.length} not supported.\n`,
      );
    }
    // Silence about a document that nobody could read is no news that its claims are supported.
    return failed > 0 ? exitCode.usage : fails(claims);
  },
};

interface Checked {
  readonly claims: readonly Claim[];
  /** Of documents that were checked. */
  readonly count: number;
  /** Of those that could not be; the reasons were told. */
  readonly failed: number;
}

const isUnsupported = ({ verdict, suppressed }: Claim) => verdict !== 'supported' && suppressed === null;

function errorsOf(claim: Claim): Claim[] {
  const rules = claim.rules.filter(({ severity }) => severity === 'error');
  return rules.length === 0 ? [] : [{ ...claim, rules }];
}

/** When the exit code is 1. @throws RobustnessError `usage/number`, `usage/option` */
function failureOf(args: Arguments): (claims: readonly Claim[]) => ExitCode {
  const least = args.text('severity') as ClaimSeverity | undefined;
  const most = args.integer('max-warnings', 0);
  const code = (failed: boolean) => (failed ? exitCode.failed : exitCode.done);
  const countOf = (claims: readonly Claim[], severity: ClaimSeverity) =>
    claims.reduce((sum, { rules }) => sum + rules.filter((hit) => hit.severity === severity).length, 0);
  if (least === undefined && most === undefined) return (claims) => code(claims.some(isUnsupported));
  const severities: readonly ClaimSeverity[] =
    least === undefined ? ['error'] : (['error', 'warning', 'info'] as const).slice(0, rank[least]);
  return (claims) =>
    code(
      severities.some((severity) => countOf(claims, severity) > 0) ||
        (most !== undefined && countOf(claims, 'warning') > most),
    );
}

const rank: Readonly<Record<ClaimSeverity, number>> = { error: 1, warning: 2, info: 3 };

/** One document from standard input, as an editor holds it. */
async function checkInput(args: Arguments, cwd: string, settings: RuleSettings): Promise<Checked> {
  if (args.positionals.length > 0)
    throw new RobustnessError('usage/arguments', 'Paths were given with --stdin.', 'Give one or the other.');
  const file = resolve(cwd, args.text('stdin-filename') ?? 'stdin.md');
  const root = await repositoryOf(dirname(file), cwd);
  const text = withoutMark(await textOf(process.stdin));
  const checker = new ClaimChecker({ worker: workerPath(), threads: text.length > largest ? 1 : 0, timeLimit });
  const found = await checker
    .check(text, within(root, file), await loadEvidence(root), { settings })
    .finally(() => checker.dispose());
  return { claims: (found ?? []).map((claim) => fromHere(claim, root, cwd)), count: 1, failed: 0 };
}

async function checkPaths(args: Arguments, cwd: string, settings: RuleSettings, terminal: Terminal): Promise<Checked> {
  if (args.positionals.length === 0)
    throw new RobustnessError(
      'usage/arguments',
      '`check` was given 0 arguments.',
      `Usage: robustness check ${checkCommand.usage}`,
    );
  const documents = await discoverDocuments(args.positionals, cwd);
  tune();
  const others = threadsFor(documents.length);
  const here = new ClaimChecker({ worker: null, threads: 0 });
  // What may take long, or much memory, is checked where it can be stopped.
  const elsewhere = new ClaimChecker({ worker: workerPath(), threads: Math.max(1, others), ahead: 3, timeLimit });
  const claims: Claim[] = [];
  let count = 0;
  let failed = 0;
  try {
    for (const [root, found] of await byRepository(documents, cwd)) {
      const evidence = await loadEvidence(root);
      const files = found.flatMap(({ file, named }) =>
        (named && !args.flag('scoped')) || isInScope(within(root, file), evidence.policies) ? [file] : [],
      );
      const check = async (file: string, read: () => Promise<string> | string, by: ClaimChecker) => {
        try {
          const text = await read();
          const long = text.length > largest;
          const ours = await (long ? elsewhere : by).check(text, within(root, file), evidence, { settings });
          // Evidence is found by paths within the repository; people click on paths from where they are.
          return (ours ?? []).map((claim) => fromHere(claim, root, cwd));
        } catch (error) {
          terminal.err(`${within(cwd, file)}: ${reasonOf(error)}; not checked.\n`);
          return null;
        }
      };
      const results = await eachOf(files, [
        ...Array.from(
          { length: others * inFlight },
          () => (file: string) => check(file, async () => textIn(await readFile(file)), elsewhere),
        ),
        // Each thread takes a while to warm up, so the one that there is anyway takes its part, and looks after the others in between.
        async (file) => {
          const claims = await check(file, () => textIn(readFileSync(file)), here);
          await setImmediate();
          return claims;
        },
      ]);
      for (const ours of results) {
        if (ours === null) {
          failed++;
          continue;
        }
        count++;
        for (const claim of ours) claims.push(claim);
      }
    }
  } finally {
    here.dispose();
    elsewhere.dispose();
  }
  return { claims, count, failed };
}

/** Milliseconds of one document. The clock counts what other programs do, and a build machine may be busy. */
const timeLimit = 60_000;

/** UTF-16 units: a longer document is not checked in the thread of the command itself. */
const largest = 100_000;

/**
 * Fits V8 to seconds of work rather than to hours. It first interprets a pattern, and compiles it at its second use: of what many
 * documents need, the former is for nothing. Its best compiler takes a fifth of all the time, so it gets what is called most alone,
 * and inlines little. A heap that begins small is collected over and over while it grows.
 */
function tune(): void {
  setFlagsFromString('--no-regexp-tier-up');
  // Older ones do not know all of these, and say so.
  if (Number.parseInt(process.versions.v8, 10) < 12) return;
  setFlagsFromString('--invocation-count-for-turbofan=20000');
  setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');
  // Megabytes, of threads that begin from here on.
  setFlagsFromString('--initial-heap-size=400');
}

/**
 * Threads besides the command's own. One takes as long to come up as some documents to be checked: a handful, as in a commit, is
 * checked without.
 */
function threadsFor(documents: number): number {
  return Math.min(availableParallelism() - 1, Math.floor(documents / 24));
}

/** By thread: read ahead, but not all at once. Files are read while this thread checks one of its own. */
const inFlight = 16;

/**
 * Each worker takes the next item as soon as it is done with one.
 *
 * @returns what was made of each item, in their order
 */
async function eachOf<T, R>(items: readonly T[], workers: readonly ((item: T) => Promise<R>)[]): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const run = async (work: (item: T) => Promise<R>) => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all(workers.map(run));
  return results;
}

/** @throws Error if it is no text */
function textIn(bytes: Buffer): string {
  // Text of a person has no NUL; UTF-16 has, and is rare enough to be named and left.
  if (bytes.subarray(0, 8192).includes(0)) throw new Error('not a text in UTF-8');
  return withoutMark(bytes.toString('utf8'));
}

/** A byte order mark is no part of the first line: editors do not count it. */
const withoutMark = (text: string) => (text.startsWith('\ufeff') ? text.slice(1) : text);

function reasonOf(error: unknown): string {
  if (error instanceof RobustnessError) return error.message.replace(/\.$/, '');
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : `cannot be read (${code})`;
}

const within = (root: string, file: string) => relative(root, file).split(sep).join('/');

/** The worker's bundle lies beside the command line's; null where the command line is not bundled. */
function workerPath(): string | null {
  const here = typeof __dirname === 'string' ? __dirname : dirname(process.argv[1] ?? '.');
  const path = join(here, 'claimWorker.cjs');
  return existsSync(path) ? path : null;
}
