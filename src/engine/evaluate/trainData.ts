import type { OpenDataset } from '../data/assemble';
import { constraintsOf, scaledDataset } from '../data/features';
import { openDataset } from '../data/open';
import { withInputsByName } from '../data/record';
import { seriesLike } from '../data/series';
import { textsLike } from '../data/text';
import type { Subject } from './prepare';

/**
 * The training data of a spec in the same space as its test data; null where the spec names none.
 * @param limited by `data.train.limit`, which takes the first examples of the file
 * @throws RobustnessError what opening data throws
 */
export async function openTrain(
  { target, dataset, model, series, text }: Subject,
  limited: boolean,
  signal?: AbortSignal,
): Promise<OpenDataset | null> {
  const { test, train, range, unit, classes, features } = target.spec.data;
  if (train === undefined) return null;
  const { limit, ...whole } = train;
  const { preprocess } = target.spec;
  // The column of the groups is no feature in the training data either.
  const source = {
    ...(test.groups === undefined ? {} : { groups: test.groups }),
    ...seriesLike(test, dataset),
    ...textsLike(test, dataset),
    ...whole,
    ...(limited && limit !== undefined ? { limit } : {}),
  };
  const opened = await openDataset(
    model.inputs.length > 1 && !text ? withInputsByName(source, model.inputs) : source,
    target.base,
    {
      range,
      // Both sets in the units of the test data, or nothing would agree.
      unit: unit ?? dataset.unit,
      // Names are numbered as those of the test data are.
      classes: classes ?? dataset.classes ?? undefined,
      resize: preprocess?.resize ?? (dataset.kind === 'image' ? sizeOf(dataset.shape) : undefined),
      channels: preprocess?.channels,
      series: series ?? undefined,
      ...(text ? { texts: true, width: dataset.shape[0] } : {}),
      ...(signal ? { signal } : {}),
    },
  );
  return features === undefined ? opened : scaledDataset(opened, constraintsOf(features, opened));
}

function sizeOf([, height, width]: readonly number[]): [number, number] | undefined {
  return height === undefined || width === undefined ? undefined : [height, width];
}
