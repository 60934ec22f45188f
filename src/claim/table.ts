import type { Sentence } from './document/types';
import { extractFacts, type Facts, type FigureRole, type StatedFigure } from './extract';
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

/** A row of a results table as a claim: the header gives each figure its role and its threat model. Null for other rows. */
export function tableClaim(sentence: Sentence): TableClaim | null {
  const { table } = sentence;
  if (!table) return null;
  const figures: StatedFigure[] = [];
  let stated = '';
  for (const [i, cell] of table.cells.entries()) {
    const head = table.header[i] ?? '';
    const role = columnRoles.find(([, pattern]) => pattern.test(head))?.[0];
    // One figure with little else: longer cells are prose.
    const figure = cell.length <= 40 ? extractFacts(cell).figures[0] : undefined;
    if (!role || !figure) continue;
    figures.push({ ...figure, role });
    if (role !== 'clean') stated += ` ${head}`;
  }
  if (!figures.some((figure) => figure.role === 'robust' || figure.role === 'certified')) return null;
  const facts = extractFacts(`${stated} | ${sentence.plain}`);
  const certified =
    figures.some((figure) => figure.role === 'certified') && figures.every((figure) => figure.role !== 'robust');
  return { kind: certified ? 'certified' : 'adversarial', facts: { ...facts, figures } };
}
