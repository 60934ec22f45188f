import { access, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { checkDocument } from '../../claim/check';
import { type ClaimFormat, formatClaims } from '../../claim/format';
import { loadEvidence } from '../../claim/reports';
import type { Claim } from '../../claim/types';
import { RobustnessError } from '../../engine/error';
import { tool } from '../../engine/evaluate/version';
import { type Command, exitCode, jsonOption } from '../command';

export const checkCommand: Command = {
  name: 'check',
  usage: 'PATH… [--format line|json|sarif]',
  summary: 'Robustness claims in Markdown, held against the reports in the repository.',
  details: [
    'PATH is a Markdown file, or a folder whose Markdown files are checked. Exit code 1: a claim is not supported.',
  ],
  options: {
    format: { type: 'string', value: 'F', help: 'What to print; line if absent.', choices: ['line', 'json', 'sarif'] },
    ...jsonOption,
  },
  positionals: { least: 1, most: Number.POSITIVE_INFINITY },
  async run(args, terminal) {
    const format = args.flag('json') ? 'json' : ((args.text('format') ?? 'line') as ClaimFormat);
    const files = [...new Set((await Promise.all(args.positionals.map(documentsAt))).flat())].sort();
    const byRoot = new Map<string, string[]>();
    for (const file of files) {
      const root = await repositoryOf(file);
      byRoot.set(root, [...(byRoot.get(root) ?? []), file]);
    }
    const claims: Claim[] = [];
    for (const [root, documents] of byRoot) {
      const evidence = await loadEvidence(root);
      for (const file of documents) {
        // Evidence is found by paths within the repository; people click on paths from where they are.
        const found = checkDocument(await readFile(file, 'utf8'), slashes(relative(root, file)), evidence);
        claims.push(...found.map((claim) => ({ ...claim, path: slashes(relative(process.cwd(), file)) })));
      }
    }
    terminal.out(formatClaims(claims, format, tool.version));
    const unsupported = claims.filter((claim) => claim.verdict !== 'supported' && claim.suppressed === null);
    if (format === 'line') {
      const few = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`;
      terminal.err(
        `${few(claims.length, 'claim')} in ${few(files.length, 'document')}, ${unsupported.length} not supported.\n`,
      );
    }
    return unsupported.length > 0 ? exitCode.failed : exitCode.done;
  },
};

const skipped = new Set(['node_modules', 'dist', 'out', 'build', 'target', '__pycache__']);

async function documentsAt(path: string): Promise<string[]> {
  const absolute = resolve(path);
  const info = await stat(absolute).catch(() => null);
  if (info === null) {
    throw new RobustnessError('usage/no-such-path', `There is nothing at ${path}.`, 'Check the path.');
  }
  return info.isDirectory() ? markdownIn(absolute) : [absolute];
}

/** Hidden folders and those of tools are not prose of the project; links are not followed. */
async function markdownIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !skipped.has(entry.name)) found.push(...(await markdownIn(path)));
    } else if (entry.isFile() && /\.(md|markdown)$/i.test(entry.name)) found.push(path);
  }
  return found;
}

/** The folder with `.git` above a file; else where the command was called, if the file is below it; else the file's own. */
async function repositoryOf(file: string): Promise<string> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const marked = await access(join(folder, '.git')).then(
      () => true,
      () => false,
    );
    if (marked) return folder;
    if (folder === dirname(folder)) break;
  }
  const fromHere = relative(process.cwd(), file);
  return fromHere.startsWith('..') ? dirname(file) : process.cwd();
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
