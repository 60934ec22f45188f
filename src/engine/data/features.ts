import type { FeatureConstraints } from '../attack/constraint';
import { RobustnessError } from '../error';
import type { FeatureSpec } from '../spec/schema';
import { nearest } from '../spec/suggest';
import type { OpenDataset } from './assemble';
import type { Batch } from './types';

/**
 * What a spec declares about the features of a table, for every feature of the data, in the space of attacks.
 *
 * @throws RobustnessError `data/features` for a feature that the data have not or that is declared twice, and for data that
 * are no table
 */
export function constraintsOf(
  features: readonly FeatureSpec[],
  dataset: Pick<OpenDataset, 'features' | 'shape' | 'kind' | 'range' | 'record'>,
): FeatureConstraints {
  const size = dataset.shape.reduce((product, dimension) => product * dimension, 1);
  if (dataset.kind !== 'vector' || dataset.record) {
    throw wrong(
      'Features are declared, and the data are no table.',
      'Remove `data.features`, or state `layout: flat`.',
    );
  }
  const declared = new Map<number, FeatureSpec>();
  for (const feature of features) {
    const i = positionOf(feature.name, dataset.features, size);
    if (declared.has(i)) {
      throw wrong(`The feature “${feature.name}” is declared twice.`, 'Say everything about it in one entry.');
    }
    declared.set(i, feature);
  }
  const each = <T>(of: (feature: FeatureSpec | undefined) => T): T[] =>
    Array.from({ length: size }, (_, i) => of(declared.get(i)));
  const scale = each((f) => f?.scale ?? 1);
  const groups = new Map<string, number[]>();
  for (const [i, { group }] of [...declared].sort(([a], [b]) => a - b)) {
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), i]);
  }
  const lonely = [...groups].find(([, members]) => members.length < 2);
  if (lonely)
    throw wrong(`The one-hot group “${lonely[0]}” has one feature.`, 'Give all its features the same `group`.');
  const grouped = each((f) => f?.group !== undefined);
  const [least, most] = dataset.range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const limit = (stated: number | undefined, all: number, unit: number, hot: number, i: number) =>
    (grouped[i] ? hot : (stated ?? all)) / unit;
  return {
    scale,
    low: each((f) => f?.min).map((min, i) => limit(min, least, scale[i]!, 0, i)),
    high: each((f) => f?.max).map((max, i) => limit(max, most, scale[i]!, 1, i)),
    held: each((f) => f?.immutable ?? false),
    direction: each((f) => (f?.direction === 'increase' ? 1 : f?.direction === 'decrease' ? -1 : 0)),
    integer: each((f) => (f?.integer ?? false) && f?.group === undefined),
    groups: [...groups.values()],
  };
}

function positionOf(name: string | number, names: readonly string[] | null, size: number): number {
  const at = typeof name === 'number' ? name : (names?.indexOf(name) ?? -1);
  if (Number.isInteger(at) && at >= 0 && at < size) return at;
  if (names === null || typeof name === 'number') {
    throw wrong(
      `The data have no feature ${typeof name === 'number' ? `at position ${name}` : `called “${name}”`}.`,
      names === null ? `They have ${size} without names: give positions from 0.` : `They have ${size}, from 0 on.`,
    );
  }
  const meant = nearest(name, names);
  throw wrong(
    `The data have no feature called “${name}”.`,
    meant === null ? `Their features are ${names.slice(0, 12).join(', ')}.` : `Did you mean “${meant}”?`,
  );
}

/** The data with every feature in units of its scale. */
export function scaledDataset(dataset: OpenDataset, { scale }: Pick<FeatureConstraints, 'scale'>): OpenDataset {
  return {
    ...dataset,
    // Bounds are kept by feature.
    range: null,
    async *batches(size, options): AsyncGenerator<Batch> {
      for await (const batch of dataset.batches(size, options)) {
        const { x } = batch;
        for (let i = 0; i < x.length; i++) x[i]! /= scale[i % scale.length]!;
        yield batch;
      }
    },
  };
}

/**
 * Holds every example against what is declared: an attack could not start from one that breaks it.
 * @param dataset scaled
 * @throws RobustnessError `data/infeasible`
 */
export async function checkFeasible(
  dataset: OpenDataset,
  constraints: FeatureConstraints,
  infeasibility: (clean: Float32Array, changed: Float32Array, constraints: FeatureConstraints) => string | null,
): Promise<void> {
  const size = constraints.scale.length;
  for await (const { start, count, x } of dataset.batches(256)) {
    for (let i = 0; i < count; i++) {
      const row = x.subarray(i * size, (i + 1) * size);
      const reason = infeasibility(row, row, constraints);
      if (reason === null) continue;
      const named = reason.replace(/^feature (\d+)/, (_, k) => `“${dataset.features?.[Number(k)] ?? k}”`);
      throw new RobustnessError(
        'data/infeasible',
        `Example ${start + i} breaks the constraints that the spec declares: ${named}.`,
        'Correct `data.features`, or remove the example.',
      );
    }
  }
}

function wrong(message: string, hint: string): RobustnessError {
  return new RobustnessError('data/features', message, hint);
}
