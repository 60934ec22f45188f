import type { SpatialPoint } from '../attack/spatial';
import { share } from '../metric/interval';
import type { SpatialReport, UniversalReport } from '../report/beyond';
import type { ResolvedSpatial, ResolvedUniversal } from '../spec/beyond';

/** What is known of rotations and shifts. */
export interface SpatialState {
  readonly settings: ResolvedSpatial;
  readonly points: readonly SpatialPoint[];
  /** Right answers at each point of the grid. */
  readonly correct: Int32Array;
  /** Examples that are right at every point, or whose errors the verifier did not confirm. */
  standing: number;
  seen: number;
}

/** What is known of one perturbation for all examples. */
export interface UniversalState {
  readonly settings: ResolvedUniversal;
  /** [...exampleShape]; null before the first step. */
  delta: Float32Array | null;
  readonly madeOn: number;
  seen: number;
  clean: number;
  correct: number;
  fooled: number;
}

export interface BeyondState {
  spatial: SpatialState | null;
  universal: UniversalState | null;
}

export function spatialReport(state: SpatialState | null): SpatialReport | null {
  if (state === null || state.seen === 0) return null;
  const { points, correct, seen, settings } = state;
  const rows = points.map((point, i) => ({ ...point, accuracy: share(correct[i]!, seen) }));
  return {
    rotation: settings.rotation,
    translation: settings.translation,
    padding: settings.padding,
    points: points.length,
    worstCase: share(state.standing, seen),
    meanAccuracy: correct.reduce((sum, count) => sum + count, 0) / (seen * points.length),
    byRotation: rows
      .filter(({ dx, dy }) => dx === 0 && dy === 0)
      .map(({ rotation, accuracy }) => ({ rotation, accuracy }))
      .sort((a, b) => a.rotation - b.rotation),
    byTranslation: rows
      .filter(({ rotation }) => rotation === 0)
      .map(({ dx, dy, accuracy }) => ({ dx, dy, accuracy }))
      .sort((a, b) => a.dy - b.dy || a.dx - b.dx),
  };
}

export function universalReport(state: UniversalState | null): UniversalReport | null {
  if (state === null || state.seen === 0) return null;
  const { settings, madeOn, seen } = state;
  return {
    threatModel: settings.threatModel,
    epochs: settings.epochs,
    madeOn,
    foolingRate: share(state.fooled, seen),
    accuracy: share(state.correct, seen),
    cleanAccuracy: share(state.clean, seen),
  };
}
