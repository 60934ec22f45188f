import type { EvidenceReport } from '../report/evidenceSchema';
import { isCorrect, type RunState } from './state';

type Part<K extends keyof EvidenceReport> = NonNullable<EvidenceReport[K]>;
/** Tallies that grow batch by batch. */
type Open<T> = { -readonly [K in keyof T]: T[K] };

/** What probes have found so far; null or empty until they have run. */
export interface Evidence {
  forward: Open<Part<'forward'>> | null;
  readonly gradients: Open<Part<'gradients'>[number]>[];
  deadInputs: { examples: number; clean: number; inside: number } | null;
  instability: {
    examples: number;
    draws: number;
    radius: number;
    sum: number;
    /** Correlations with the gradient: their sum and number. */
    agreed: number;
    judged: number;
    worst: [number, number][];
  } | null;
  readonly randomDraws: Open<Part<'randomDraws'>[number]>[];
  readonly moreEffort: Open<Part<'moreEffort'>[number]>[];
  readonly references: Part<'references'>[number][];
  preprocessing: Part<'preprocessing'> | null;
  overlap: Part<'overlap'> | null;
}

export function emptyEvidence(): Evidence {
  return {
    forward: null,
    gradients: [],
    deadInputs: null,
    instability: null,
    randomDraws: [],
    moreEffort: [],
    references: [],
    preprocessing: null,
    overlap: null,
  };
}

/** How many positions a report names. */
export const namedPositions = 10;

/** Adds positions to those named, as far as there is room. */
export function name(indices: number[], more: Iterable<number>): void {
  for (const index of more) if (indices.length < namedPositions) indices.push(index);
}

/** The evidence as a report holds it. */
export function evidenceChecks(state: RunState): EvidenceReport {
  const { forward, gradients, deadInputs, instability, randomDraws, moreEffort, references, preprocessing, overlap } =
    state.evidence;
  const scores = scoreFacts(state);
  return {
    ...(forward ? { forward } : {}),
    ...(scores ? { scores } : {}),
    ...(gradients.length > 0 ? { gradients: [...gradients] } : {}),
    ...(deadInputs && deadInputs.examples > 0
      ? {
          deadInputs: {
            examples: deadInputs.examples,
            clean: deadInputs.clean / deadInputs.examples,
            inside: deadInputs.inside / deadInputs.examples,
          },
        }
      : {}),
    ...(instability && instability.examples > 0
      ? {
          instability: {
            examples: instability.examples,
            draws: instability.draws,
            radius: instability.radius,
            value: instability.sum / instability.examples,
            agreement: instability.judged === 0 ? null : instability.agreed / instability.judged,
            indices: instability.worst.map(([index]) => index),
          },
        }
      : {}),
    ...(randomDraws.length > 0 ? { randomDraws: [...randomDraws] } : {}),
    ...(moreEffort.length > 0 ? { moreEffort: [...moreEffort] } : {}),
    ...(references.length > 0 ? { references: [...references] } : {}),
    ...(preprocessing ? { preprocessing } : {}),
    ...(overlap ? { overlap } : {}),
  };
}

/** What the clean scores show by themselves. */
function scoreFacts(state: RunState): EvidenceReport['scores'] | null {
  const { seen, classes, logits, prediction } = state;
  if (seen < state.count || seen === 0) return null;
  const margins = new Float64Array(seen);
  let saturated = 0;
  let constant = seen > 1;
  for (let i = 0; i < seen; i++) {
    const at = i * classes;
    const top = prediction[i]!;
    let second = Number.NEGATIVE_INFINITY;
    let others = 0;
    for (let k = 0; k < classes; k++) {
      const score = logits[at + k]!;
      if (score !== logits[k]) constant = false;
      if (k === top) continue;
      if (score > second) second = score;
      others += Math.exp(score - logits[at + top]!);
    }
    margins[i] = logits[at + top]! - second;
    if (isCorrect(state, i) && Math.fround(1 / (1 + others)) === 1) saturated++;
  }
  return {
    examples: seen,
    saturated,
    medianMargin: Number(margins.sort()[seen >> 1]!.toPrecision(6)),
    predictedClasses: new Set(prediction.subarray(0, seen)).size,
    constant,
  };
}
