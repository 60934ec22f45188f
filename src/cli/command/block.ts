import { readFile, writeFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { byRepository, discoverDocuments } from '../../claim/checker/discover';
import { isInScope } from '../../claim/checker/scope';
import type { EvidenceIndex } from '../../claim/evidence';
import { type BlockState, blocksOf, checkBlock, mayHoldBlocks, requireBlocks } from '../../claim/fix/block/block';
import type { EvidenceBlock } from '../../claim/fix/block/marker';
import { sourceOf } from '../../claim/fix/block/source';
import { applyEdits, type TextEdit } from '../../claim/fix/fixes';
import { LineIndex } from '../../claim/lines';
import { loadEvidence } from '../../claim/reports';
import { type ErrorData, RobustnessError, toErrorData } from '../../engine/error';
import type { AnyReport } from '../../engine/report/regression';
import { readAnyReport } from '../../engine/report/store';
import { type Command, exitCode, jsonOption } from '../command';

interface Row {
  /** Relative to where the command was called. */
  readonly path: string;
  readonly line: number;
  readonly report: string | null;
  /** How the block was found; `stale` where the model or the data changed since, `faulty` where it could not be read. */
  readonly state: BlockState | 'stale' | 'faulty';
  /** Whether the document was written. */
  readonly refreshed: boolean;
  readonly message: string;
  readonly error: ErrorData | null;
}

export const blockCommand: Command = {
  name: 'block',
  usage: 'PATH… [--check] [--json]',
  summary: 'Refreshes the evidence blocks of documents from their reports.',
  details: [
    'PATH is a document, a folder or a glob, as for `check`. A block stands between two comments, in the syntax of the document:',
    '  <!-- robustness:begin report=.robustness/net.robustness.json -->',
    '  <!-- robustness:end -->',
    'Add threat=NAME to show some of the threat models. Exit code 1 with --check: a block is not as its report gives it, or',
    'what it shows was measured of another model; 2: markers without their other half, or a report that cannot be read.',
  ],
  options: {
    check: { type: 'boolean', help: 'Write nothing; exit with 1 if a block is out of date.' },
    ...jsonOption,
  },
  positionals: { least: 1, most: Number.POSITIVE_INFINITY },
  async run(args, terminal) {
    const cwd = process.cwd();
    const write = !args.flag('check');
    const rows: Row[] = [];
    for (const [root, found] of await byRepository(await discoverDocuments(args.positionals, cwd), cwd)) {
      const evidence = await loadEvidence(root);
      for (const { file, named } of found) {
        if (!named && !isInScope(within(root, file), evidence.policies)) continue;
        rows.push(...(await blocksIn(file, { root, cwd, evidence, write, named })));
      }
    }
    if (args.flag('json')) terminal.out(`${JSON.stringify(rows, null, 2)}\n`);
    else {
      for (const { path, line, message } of rows) terminal.out(`${path}:${line}: ${message}\n`);
      const wrong = rows.filter(({ state }) => state !== 'current').length;
      terminal.err(
        `${rows.length} evidence block${rows.length === 1 ? '' : 's'}, ${wrong} not up to date${write ? ' before' : ''}.\n`,
      );
    }
    if (rows.some(({ state }) => state === 'faulty')) return exitCode.usage;
    return !write && rows.some(({ state }) => state !== 'current') ? exitCode.failed : exitCode.done;
  },
};

const within = (root: string, file: string) => relative(root, file).split(sep).join('/');

interface Setting {
  readonly root: string;
  readonly cwd: string;
  readonly evidence: EvidenceIndex;
  readonly write: boolean;
  readonly named: boolean;
}

async function blocksIn(file: string, setting: Setting): Promise<Row[]> {
  const { root, cwd, write, named } = setting;
  const text = await readFile(file, 'utf8');
  // A quick look: most documents have no block, and parsing is dear.
  if (!/robustness:(?:begin|end)/.test(text)) return [];
  const { blocks, faults } = blocksOf(text, within(root, file));
  if (blocks.length + faults.length === 0) return [];
  if (!named && !mayHoldBlocks(text, file)) return [];
  requireBlocks(text, file);
  const index = new LineIndex(text);
  const place = (start: number) => ({ path: within(cwd, file), line: index.position(start).line });
  const faulty = (start: number, report: string | null, cause: unknown): Row => {
    const error = toErrorData(cause);
    const message = `${error.message} ${error.hint}`;
    return { ...place(start), report, state: 'faulty', refreshed: false, message, error };
  };
  const rows = faults.map(({ start, error }) => faulty(start, null, error));
  const edits: TextEdit[] = [];
  for (const block of blocks) {
    try {
      const { row, edit } = await held(text, file, block, setting);
      if (edit !== null) edits.push(edit);
      rows.push({ ...place(block.start), ...row });
    } catch (error) {
      if (!RobustnessError.is(error)) throw error;
      rows.push(faulty(block.start, block.report, error));
    }
  }
  // In place: links, owners and permissions stay.
  if (write && edits.length > 0) await writeFile(file, applyEdits(text, edits));
  return rows.sort((a, b) => a.line - b.line);
}

type Held = { readonly row: Omit<Row, 'path' | 'line'>; readonly edit: TextEdit | null };

async function held(
  text: string,
  file: string,
  block: EvidenceBlock,
  { root, evidence, write }: Setting,
): Promise<Held> {
  const source = await sourceOf(block, file, root, evidence);
  const report: AnyReport = await readAnyReport(source.file);
  const { state, edit } = checkBlock(text, within(root, file), block, report, source.written);
  const refreshed = write && edit !== null;
  const said = refreshed ? done[state] : found[state];
  const stale = source.stale === null ? '' : ` But ${source.stale} since the evaluation; evaluate again.`;
  const row: Held['row'] = {
    report: source.written,
    state: state === 'current' && source.stale !== null ? 'stale' : state,
    refreshed,
    message: `${said} (${source.written}).${stale}`,
    error: null,
  };
  return { row, edit };
}

const found: Record<BlockState, string> = {
  current: 'up to date',
  empty: 'empty',
  outdated: 'out of date: the report has changed',
  edited: 'edited by hand: it is not what the report gives',
};

const done: Record<BlockState, string> = {
  current: 'up to date',
  empty: 'filled',
  outdated: 'refreshed',
  edited: 'refreshed; what was edited by hand is replaced',
};
