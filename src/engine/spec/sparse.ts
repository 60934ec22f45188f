import type { AttackThreat } from '../attack/types';
import type { DataKind } from '../data/types';
import { RobustnessError } from '../error';
import type { ResolvedThreatModel, ThreatModelSpec } from './schema';

/** What is counted and where: of the data that a threat model is about. */
export interface CountedData {
  readonly kind: DataKind;
  /** [C, H, W] for images. */
  readonly shape: readonly number[];
}

/**
 * What an l0 threat model counts: what it states, else pixels in images, as the literature's budgets do, and values
 * elsewhere. Undefined for other norms.
 *
 * @param data null when they are not known yet: then images are assumed
 * @throws `spec/l0` for an ε that is no number of changes, for pixels in data that have none, and without bounds
 */
export function countsOf(
  name: string,
  threat: Pick<Partial<ThreatModelSpec>, 'norm' | 'counts'>,
  epsilon: number,
  bounds: readonly [number, number] | null,
  data: CountedData | null,
): ResolvedThreatModel['counts'] {
  if (threat.norm !== 'l0') {
    if (threat.counts === undefined) return undefined;
    throw new RobustnessError(
      'spec/l0',
      `The threat model “${name}” says what ε counts, but its norm is ${threat.norm ?? 'linf'}, where ε is a length.`,
      'Leave `counts` out, or state `norm: l0`.',
    );
  }
  const counts = threat.counts ?? (data === null || data.kind === 'image' ? 'pixels' : 'values');
  if (counts === 'pixels' && data !== null && data.kind !== 'image') {
    throw new RobustnessError(
      'spec/l0',
      `The threat model “${name}” counts pixels, and the data are no images.`,
      'State `counts: values`, or leave it out.',
    );
  }
  if (!Number.isInteger(epsilon)) {
    throw new RobustnessError(
      'spec/l0',
      `ε = ${epsilon} of the threat model “${name}” is not a number of ${counts}, which its l0 norm counts.`,
      'Give a whole number, such as 24.',
    );
  }
  if (bounds === null && data !== null) {
    throw new RobustnessError(
      'spec/l0',
      `The values of the l0 threat model “${name}” have no bounds: a single one that may be anything decides everything.`,
      'Give `bounds` to the threat model, or `range` to the data.',
    );
  }
  return counts;
}

/** How many values of an example count as one, for the attacks and the verifier. */
export function countedChannels(
  { counts }: Pick<ResolvedThreatModel, 'counts'>,
  shape: readonly number[],
): Pick<AttackThreat, 'channels'> {
  return counts === 'pixels' && shape.length === 3 ? { channels: shape[0]! } : {};
}
