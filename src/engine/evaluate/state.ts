import { MinimalEpsilon } from '../attack/grid';
import type { Attack, AttackBudget } from '../attack/types';
import type { ConfidenceTally } from '../metric/confidenceTally';
import type { GalleryItem } from '../report/schema';
import type { ResolvedSpec, ResolvedThreatModel } from '../spec/schema';
import type { BeyondState } from './beyond';
import type { EnsembleState } from './ensembleState';
import { type Evidence, emptyEvidence } from './evidence';
import type { TrainTally } from './generalisation';
import type { PlannedAttack } from './plan';
import type { TargetPlan } from './targetPlan';

/** What one attack did so far within the cascade of its threat model. */
export interface AttackTally {
  readonly name: string;
  readonly title: string;
  readonly iterations: number;
  readonly restarts: number;
  /** Given a sample alone. */
  readonly sample?: true;
  /** False until its first batch; later ones appear in the report as they start. */
  started: boolean;
  broken: number;
  attempted: number;
  refused: number;
  forwards: number;
  backwards: number;
  seconds: number;
  /** Traces of the batches, each with the examples that it is the mean of. */
  readonly traces: { readonly weight: number; readonly trace: Float64Array }[];
}

/** A share of a sample, as it grows batch by batch. */
export interface SampleTally {
  total: number;
  standing: number;
}

export interface ThreatState {
  readonly threat: ResolvedThreatModel;
  /** Which classes are to be reached; null where any wrong one will do. What follows is of pairs (`pairs.ts`), which are examples then. */
  readonly target: TargetPlan | null;
  readonly attacks: AttackTally[];
  /** [pairs]: position in `attacks` of the attack that broke the example; -1 while it stands. */
  readonly brokenBy: Int32Array;
  /** [pairs]: 1 once the example has been through all attacks, is broken, or was wrong to begin with. */
  readonly settled: Uint8Array;
  /** The smallest ε at which each example is known to be broken: the curve is monotone by construction. */
  readonly minimal: MinimalEpsilon;
  /** ε of the curve that have been evaluated, ascending. */
  readonly curveDone: Set<number>;
  /** Ever stronger attacks on a sample: one step, many steps, and those from several starts. */
  readonly singleStep: {
    readonly fgsm: SampleTally;
    readonly iterative: SampleTally;
    readonly restarted: SampleTally;
    done: boolean;
  };
  readonly unbounded: SampleTally & { done: boolean };
  /** Which attacks measured the smallest perturbations of a sample. */
  readonly minimalNorm: { readonly attacks: string[]; done: boolean };
  /** By title, what ran beside the cascade: checks, probes, measurements. */
  readonly beside: Map<string, AttackTally>;
  readonly zeroGradient: { examples: number; zero: number };
  readonly gallery: GalleryItem[];
  /** Of time series that were broken: signal over perturbation in dB. */
  readonly snr: number[];
  /** Of the adversarial examples; absent while there are none. */
  worst?: WorstConfidence;
}

/** How sure the model is of the adversarial example of each example that the cascade broke: NaN of the others. */
export interface WorstConfidence {
  /** [count] */
  readonly confidence: Float32Array;
  /** [count] */
  readonly brier: Float32Array;
}

export interface CorruptionTally {
  readonly name: string;
  readonly title: string;
  readonly severity: number;
  /** In words: `σ = 0.08`. */
  readonly parameter: string;
  seen: number;
  correct: number;
  /** Examples whose predicted class is the same as without the corruption. */
  stable: number;
  /** Examples that got scores which are NaN: they count as wrong. */
  unanswered: number;
  /** Of the confidences under it; absent where the model gives labels alone. */
  readonly confidence?: ConfidenceTally;
}

/** Everything that finished units have told; the report is a pure function of it. */
export interface RunState {
  readonly count: number;
  readonly classes: number;
  /** [count] true class; -1 before the example was seen. */
  readonly label: Int32Array;
  /** [count] clean prediction; -1 before the example was seen. */
  readonly prediction: Int32Array;
  /** [count, classes] clean logits. */
  readonly logits: Float32Array;
  /** [count] name of each example's group, where the spec names groups. */
  readonly groups?: readonly string[];
  /** What the model makes of its training data; null until known, and where the spec names none. */
  train?: TrainTally | null;
  /** Of several files that are evaluated as one. */
  readonly ensemble?: EnsembleState;
  /** Examples seen clean: they are seen in order. */
  seen: number;
  readonly threats: readonly ThreatState[];
  readonly corruptions: CorruptionTally[];
  /** Rotations, shifts, and one perturbation for all. */
  readonly beyond: BeyondState;
  /** What probes of the model and of the evaluation found. */
  readonly evidence: Evidence;
}

/**
 * @param cascades by threat model: the attacks of its cascade, in order
 * @param targets by threat model: the classes to reach
 */
export function emptyState(
  spec: Pick<ResolvedSpec, 'threatModels'>,
  count: number,
  classes: number,
  cascades: readonly (readonly PlannedAttack[])[],
  targets: readonly (TargetPlan | null)[] = [],
): RunState {
  const pairs = (i: number) => count * (targets[i]?.perExample ?? 1);
  return {
    count,
    classes,
    label: new Int32Array(count).fill(-1),
    prediction: new Int32Array(count).fill(-1),
    logits: new Float32Array(count * classes),
    seen: 0,
    threats: spec.threatModels.map((threat, i) => ({
      threat,
      target: targets[i] ?? null,
      attacks: (cascades[i] ?? []).map(({ attack, budget }) => emptyTally(attack, budget)),
      brokenBy: new Int32Array(pairs(i)).fill(-1),
      settled: new Uint8Array(pairs(i)),
      minimal: new MinimalEpsilon(pairs(i)),
      curveDone: new Set<number>(),
      singleStep: {
        fgsm: { total: 0, standing: 0 },
        iterative: { total: 0, standing: 0 },
        restarted: { total: 0, standing: 0 },
        done: false,
      },
      unbounded: { total: 0, standing: 0, done: false },
      minimalNorm: { attacks: [], done: false },
      beside: new Map(),
      zeroGradient: { examples: 0, zero: 0 },
      gallery: [],
      snr: [],
    })),
    corruptions: [],
    beyond: { spatial: null, universal: null },
    evidence: emptyEvidence(),
  };
}

/** Of an attack that has not started. */
export function emptyTally(attack: Pick<Attack, 'name' | 'title' | 'needs'>, budget: AttackBudget): AttackTally {
  return {
    name: attack.name,
    title: attack.title,
    iterations: attack.needs === 'gradient' ? budget.iterations : budget.queries,
    restarts: budget.restarts,
    started: false,
    broken: 0,
    attempted: 0,
    refused: 0,
    forwards: 0,
    backwards: 0,
    seconds: 0,
    traces: [],
  };
}

/** Whether the model is right about the clean example. */
export function isCorrect(state: RunState, index: number): boolean {
  return state.prediction[index] !== -1 && state.prediction[index] === state.label[index];
}

/** Positions of the examples for which `test` holds, ascending. */
export function where(count: number, test: (index: number) => boolean): Int32Array {
  // Counted first: a list that grows would be several times as large, for every stage and every look at what is left.
  let found = 0;
  for (let i = 0; i < count; i++) if (test(i)) found++;
  const indices = new Int32Array(found);
  for (let i = 0, at = 0; at < found; i++) if (test(i)) indices[at++] = i;
  return indices;
}

/** Class with the highest score in each row of [n, classes]; the first one of several. */
export function argmax(scores: Float32Array, classes: number): Int32Array {
  const n = scores.length / classes;
  const best = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    for (let k = 1; k < classes; k++) {
      if ((scores[i * classes + k] as number) > (scores[i * classes + (best[i] as number)] as number)) best[i] = k;
    }
  }
  return best;
}
