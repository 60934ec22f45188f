import type { OutputGalleryItem } from '../../report/regression';
import type { ResolvedThreatModel } from '../../spec/schema';
import { emptyOutputCorruptions, type OutputCorruptionState } from './corruption';
import type { PlannedOutputAttack } from './plan';

/** What one attack on the outputs did so far. */
export interface OutputTally {
  readonly name: string;
  readonly title: string;
  readonly iterations: number;
  readonly restarts: number;
  started: boolean;
  worsened: number;
  attempted: number;
  refused: number;
  forwards: number;
  backwards: number;
  seconds: number;
  /** [count]: the worst errors once it is through; null before. */
  after: Float64Array | null;
}

/** The worst that was found of each example; to begin with what the model gives without an attack. */
export interface OutputThreatState {
  readonly threat: ResolvedThreatModel;
  readonly attacks: OutputTally[];
  /** [count, outputs] */
  readonly lowest: Float32Array;
  /** [count, outputs] */
  readonly highest: Float32Array;
  /** [count]: mean over outputs of |output − target|, at the point where that is largest. */
  readonly absolute: Float64Array;
  /** [count]: mean over outputs of its square, likewise. */
  readonly squared: Float64Array;
  /** [count]: largest change of an output. */
  readonly change: Float64Array;
  /** [count]: 1 while no point took an output out of the tolerance. */
  readonly within: Uint8Array;
  /** [count]: position in `attacks` of the one that found the worst error; -1 where none found a larger one. */
  readonly worstBy: Int32Array;
  /** [count]: 1 once the example has been through all attacks. */
  readonly settled: Uint8Array;
  gallery: OutputGalleryItem[];
}

/** Everything that finished units have told; the report is a pure function of it. */
export interface RegressionState {
  readonly count: number;
  readonly outputs: number;
  /** [count, outputs] */
  readonly targets: Float32Array;
  /** [count, outputs]: of the original model. */
  readonly predictions: Float32Array;
  /** Examples seen clean: they are seen in order. */
  seen: number;
  readonly threats: readonly OutputThreatState[];
  readonly corruptions: OutputCorruptionState;
}

/** @param attacks by threat model, in order */
export function emptyRegression(
  threatModels: readonly ResolvedThreatModel[],
  count: number,
  outputs: number,
  attacks: readonly (readonly PlannedOutputAttack[])[],
): RegressionState {
  return {
    count,
    outputs,
    targets: new Float32Array(count * outputs),
    predictions: new Float32Array(count * outputs),
    seen: 0,
    corruptions: emptyOutputCorruptions(count),
    threats: threatModels.map((threat, i) => ({
      threat,
      attacks: (attacks[i] ?? []).map(({ attack, budget }) => ({
        name: attack.name,
        title: attack.title,
        iterations: attack.needs === 'scores' ? budget.queries : budget.iterations,
        restarts: budget.restarts,
        started: false,
        worsened: 0,
        attempted: 0,
        refused: 0,
        forwards: 0,
        backwards: 0,
        seconds: 0,
        after: null,
      })),
      lowest: new Float32Array(count * outputs),
      highest: new Float32Array(count * outputs),
      absolute: new Float64Array(count),
      squared: new Float64Array(count),
      change: new Float64Array(count),
      within: new Uint8Array(count),
      worstBy: new Int32Array(count).fill(-1),
      settled: new Uint8Array(count),
      gallery: [],
    })),
  };
}
