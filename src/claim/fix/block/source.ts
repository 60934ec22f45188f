import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { RobustnessError } from '../../../engine/error';
import type { EvidenceIndex } from '../../evidence';
import type { EvidenceBlock } from './marker';

export interface BlockSource {
  /** Absolute path of the report. */
  readonly file: string;
  /** Relative to the document, with forward slashes: as the marker says it. */
  readonly written: string;
  /** What changed since the report was made, in words; null where nothing did. */
  readonly stale: string | null;
}

const slashes = (path: string) => path.split(sep).join('/');
const leaves = (path: string) => path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);

/** Path of a report as a marker in `document` says it; both absolute. */
export function writtenPath(document: string, report: string): string {
  return slashes(relative(dirname(document), report));
}

/**
 * Which report a block is made of: the one that its marker names, else the only one of the repository. A document is no
 * more trusted than its authors: what it names is looked for within the repository alone, links included.
 *
 * @param document absolute path, @param root of the repository, absolute
 * @throws RobustnessError `claim/block-outside`, `claim/block-report`
 */
export async function sourceOf(
  block: Pick<EvidenceBlock, 'report'>,
  document: string,
  root: string,
  evidence: EvidenceIndex,
): Promise<BlockSource> {
  const file = block.report === null ? onlyReport(root, evidence) : resolve(dirname(document), block.report);
  const [real, realRoot] = await Promise.all([realpath(file).catch(() => file), realpath(root).catch(() => root)]);
  if (isAbsolute(block.report ?? '') || leaves(relative(root, file)) || leaves(relative(realRoot, real)))
    throw new RobustnessError(
      'claim/block-outside',
      `The report "${block.report ?? file}" of this evidence block does not lie in the repository.`,
      'Name a report of this repository, by its path relative to the document.',
    );
  const known = evidence.reports.find(({ path }) => path === slashes(relative(root, file)));
  const stale =
    known?.stale === true ? known.changed.map(({ words }) => words).join('; ') || 'the model changed' : null;
  return { file, written: writtenPath(document, file), stale };
}

function onlyReport(root: string, { reports }: EvidenceIndex): string {
  const [only] = reports;
  if (only !== undefined && reports.length === 1) return resolve(root, only.path);
  throw new RobustnessError(
    'claim/block-report',
    reports.length === 0
      ? 'There is no completed report in the repository to make this evidence block of.'
      : `This evidence block names no report, and the repository holds ${reports.length}.`,
    reports.length === 0 ? 'Evaluate the model first.' : 'Write report=PATH into its first marker.',
  );
}
