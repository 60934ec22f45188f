import { RobustnessError } from '../error';
import type { DataSource } from '../spec/schema';
import { type ExampleLayout, exampleLayout } from './layout';
import type { DataKind, Dataset } from './types';

/** How a model takes a time series, where its graph shows that it takes one. */
export interface SeriesInput {
  /** Operator that goes along the frames: `Conv`, `LSTM` … */
  readonly by: string;
  /** Of the model's input behind the batch: channels and frames, frames and channels, or frames alone. */
  readonly layout: 'nct' | 'ntc' | 'flat';
}

/** Layouts of one stored series. */
const seriesLayouts = ['ct', 'tc'] as const;

/**
 * The layout of one stored example: as a time series where the spec says so, or says nothing and the model takes one.
 *
 * @param maybePixels whether the values could be grey levels
 * @throws RobustnessError `data/layout`
 */
export function layoutOf(
  dimensions: readonly number[],
  source: Pick<DataSource, 'kind' | 'layout'>,
  model: SeriesInput | undefined,
  maybePixels: boolean,
): ExampleLayout {
  const { layout, kind } = source;
  const stated = kind === 'series' || layout === 'ct' || layout === 'tc';
  // Rows of grey levels go through recurrent networks, too: those stay pictures.
  const likely = model !== undefined && layout === undefined && !maybePixels && fits(dimensions, model);
  if (!stated && !likely) {
    return exampleLayout(dimensions, layout, maybePixels);
  }
  if (layout !== undefined && layout !== 'ct' && layout !== 'tc') {
    throw new RobustnessError(
      'data/layout',
      `The spec says that the data are time series, in the layout ${layout}.`,
      'State `layout: ct` (channels, frames) or `layout: tc` (frames, channels), or leave it out.',
    );
  }
  const inferred = stated
    ? []
    : [`examples are time series, since the model runs a ${model!.by} along them: state \`layout: flat\` if not`];
  const wide = dimensions.filter((extent) => extent !== 1);
  if (wide.length <= 1) {
    const frames = wide[0] ?? 1;
    return { kind: 'series', shape: [1, frames], channelsLast: false, inferred };
  }
  const [first = 1, second = 1] = dimensions;
  if (dimensions.length !== 2) {
    throw new RobustnessError(
      'data/layout',
      `One example has the shape [${dimensions.join(', ')}], and a time series has channels and frames.`,
      'Store one series as [channels, frames], [frames, channels] or [frames].',
    );
  }
  const last = layout === undefined ? channelsLast(first, second, model) : layout === seriesLayouts[1];
  if (layout === undefined) {
    inferred.push(
      `shape [${first}, ${second}] was read as a time series of ${last ? `${first} frames and ${second}` : `${first}`} channels${last ? ' (tc)' : ` and ${second} frames (ct)`}`,
    );
  }
  return { kind: 'series', shape: last ? [second, first] : [first, second], channelsLast: last, inferred };
}

/** Whether stored examples have as many dimensions as the model's, so that nothing but a series can be meant. */
function fits(dimensions: readonly number[], { layout }: SeriesInput): boolean {
  return layout === 'flat' ? dimensions.length === 1 : dimensions.length === 2 || dimensions.length === 1;
}

/** As the model takes them; where nobody says, there are fewer channels than frames. */
function channelsLast(first: number, second: number, model: SeriesInput | undefined): boolean {
  if (model?.layout === 'ntc') return true;
  if (model?.layout === 'nct') return false;
  return second < first;
}

/** What other data of a model have in common with its test data, where those are time series; they may state it anew. */
export function seriesLike(
  { layout, frames, sampleRate }: DataSource,
  { kind, shape }: Pick<Dataset, 'kind' | 'shape'>,
): Pick<DataSource, 'kind' | 'layout' | 'frames' | 'sampleRate'> {
  if (kind !== 'series') return {};
  return {
    kind,
    ...(layout === undefined ? {} : { layout }),
    ...(sampleRate === undefined ? {} : { sampleRate }),
    frames: frames ?? shape[1] ?? 1,
  };
}

/** The sampling rate that a source states, for time series alone. */
export function sampled(kind: DataKind, { sampleRate }: Pick<DataSource, 'sampleRate'>): { sampleRate?: number } {
  return kind === 'series' && sampleRate !== undefined ? { sampleRate } : {};
}

/** Whether the columns of a table are numbered, as frames are, and not named, as features are. */
export function numberedColumns(names: readonly string[]): boolean {
  const stem = (name: string) => name.replace(/\d+$/, '');
  return names.every((name) => /\d$/.test(name) && stem(name) === stem(names[0]!));
}
