import type { Sentence } from './document/types';
import { extractFacts, extractFigures, type Facts, type FigureRole, type StatedFigure } from './extract';
import type { ClaimKind } from './types';

export interface TableClaim {
  readonly kind: ClaimKind;
  readonly facts: Facts;
}

const columnRoles: readonly (readonly [FigureRole, RegExp])[] = [
  ['certified', /\bcertif|\bverified/i],
  ['success', /\bsuccess|\basr\b/i],
  ['robust', /\brobust|\bunder |\battack|\bpgd|\bfgsm|\badversarial|ε|\beps|\blinf|ℓ/i],
  ['clean', /\bclean|\bnatural|\bstandard|\btest acc|^accuracy$/i],
];

/** Columns of other measures than accuracies and rates of success. */
const otherMeasure =
  /\berror|\bloss\b|\bf1\b|\bauc\b|\bauroc\b|\bm?ap\b|\bm?iou\b|\bdice\b|\bpsnr\b|\bradius\b|\bsteps?\b|\btime\b|\bseconds\b|\bepochs?\b|\bparam/i;

/** Where each cell begins in the row's `plain`, in which empty cells are left out; null for one that is not there. */
function cellStarts({ plain, table }: Sentence): readonly (number | null)[] {
  let from = 0;
  return (table?.cells ?? []).map((cell) => {
    if (cell === '') return null;
    const at = plain.indexOf(cell, from);
    if (at < 0) return null;
    from = at + cell.length;
    return at;
  });
}

/** The header of the column that a position in the row's `plain` lies in; empty where there is none. */
export function headAt(sentence: Sentence, at: number): string {
  const starts = cellStarts(sentence);
  const column = starts.findLastIndex((start) => start !== null && start <= at);
  return sentence.table?.header[column] ?? '';
}

/** A row of a results table as a claim: the header gives each figure its role and its threat model. Null for other rows. */
export function tableClaim(sentence: Sentence): TableClaim | null {
  const { table } = sentence;
  if (!table) return null;
  const starts = cellStarts(sentence);
  const figures: StatedFigure[] = [];
  let stated = '';
  for (const [i, cell] of table.cells.entries()) {
    const head = table.header[i] ?? '';
    const start = starts[i];
    const role = columnRoles.find(([, pattern]) => pattern.test(head))?.[0];
    if (!role || start === undefined || start === null || otherMeasure.test(head)) continue;
    // One figure with little else: longer cells are prose.
    const figure = cell.length <= 40 ? (figureOf(cell) ?? percentUnder(head, cell)) : undefined;
    if (!figure) continue;
    figures.push({ ...figure, role, start: start + figure.start, end: start + figure.end });
    if (role !== 'clean') stated += ` ${head}`;
  }
  if (!figures.some((figure) => figure.role === 'robust' || figure.role === 'certified')) return null;
  const facts = extractFacts(`${stated} | ${sentence.plain}`);
  const certified =
    figures.some((figure) => figure.role === 'certified') && figures.every((figure) => figure.role !== 'robust');
  return { kind: certified ? 'certified' : 'adversarial', facts: { ...facts, figures } };
}

const figureOf = (cell: string): StatedFigure | undefined => extractFigures(cell)[0];

/** A bare number below a header that has the percent sign: `| robust accuracy (%) |`, `| 62.1 |`. */
function percentUnder(head: string, cell: string): StatedFigure | undefined {
  const match = /^[\s*_~]*(\d{1,3}(?:\.(\d+))?)[\s*_~]*(?:±\s*\d+(?:\.\d+)?)?\s*$/.exec(cell);
  if (!match || !/%|percent/i.test(head) || Number(match[1]) > 100) return undefined;
  const start = cell.indexOf(match[1]!);
  return {
    value: Number(match[1]) / 100,
    rounding: (0.5 * 10 ** -(match[2]?.length ?? 0)) / 100,
    role: 'other',
    bound: null,
    percent: true,
    start,
    end: start + match[1]!.length,
  };
}
