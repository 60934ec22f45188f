import { createHash } from 'node:crypto';
import type { OpenDataset } from '../data/assemble';
import { constraintsOf, scaledDataset } from '../data/features';
import { openDataset } from '../data/open';
import { withInputsByName } from '../data/record';
import { seriesLike } from '../data/series';
import { textsLike } from '../data/text';
import { type ErrorCode, RobustnessError } from '../error';
import type { ShiftKind } from '../spec/shifts';
import { type Baseline, readBaselines } from './baselines';
import type { Subject } from './prepare';

/** A shifted data set that fits the model, opened. */
export interface OpenShift {
  readonly name: string;
  readonly kind: ShiftKind;
  readonly dataset: OpenDataset;
}

export interface OpenShifts {
  readonly shifts: readonly OpenShift[];
  /** Of effective robustness; null where the spec asks for none. */
  readonly baselines: readonly Baseline[] | null;
  /** Over the data of all shifts, and over the baselines: a run is not resumed on others. */
  readonly sha256: string | null;
  close(): Promise<void>;
}

/**
 * Opens the shifted data sets of a spec and the reports that they are held against, before anything long runs.
 *
 * @param limit of the request: examples of each at most
 * @throws RobustnessError what opening the data throws, with the shift's name in the message; `data/shift-shape`, `data/shift-scale`,
 * `data/shift-classes`, `data/shift-targets`; `report/…` for baselines
 */
export async function openShifts(subject: Subject, limit?: number): Promise<OpenShifts> {
  const { spec, target } = subject;
  const opened: OpenShift[] = [];
  const close = async () => {
    for (const { dataset } of opened) await dataset.close();
  };
  try {
    for (const { name, kind = 'shift', data } of target.spec.shifts ?? []) {
      const dataset = await named(name, async () => openShift(subject, kind, data, limit));
      opened.push({ name, kind, dataset });
    }
    const paths = spec.shiftBaselines;
    const baselines = paths === undefined ? null : await readBaselines(paths);
    const hashes = [...opened.map(({ dataset }) => dataset.sha256), ...(baselines ?? []).map(({ sha256 }) => sha256)];
    const sha256 = hashes.length === 0 ? null : createHash('sha256').update(hashes.join()).digest('hex');
    return { shifts: opened, baselines, sha256, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Source = NonNullable<Subject['target']['spec']['shifts']>[number]['data'];

async function openShift(
  { target, dataset: test, spec, model, series, text }: Subject,
  kind: ShiftKind,
  given: Source,
  limit: number | undefined,
): Promise<OpenDataset> {
  const { features, range } = target.spec.data;
  const data = { ...seriesLike(target.spec.data.test, test), ...textsLike(target.spec.data.test, test), ...given };
  const outside = kind === 'out-of-distribution';
  const answers = outside ? 'none' : spec.task === 'regression' ? 'targets' : 'labels';
  const limits = [data.limit, limit].filter((each) => each !== undefined);
  const [, height, width] = test.shape;
  const stored = await openDataset(
    model.inputs.length > 1 && !text ? withInputsByName(data, model.inputs) : data,
    target.base,
    {
      // Where the spec states a range, shifted pictures keep to it; columns of a table may well leave it.
      range: test.kind === 'image' ? range : undefined,
      unit: test.unit,
      classes: outside ? undefined : (test.classes ?? undefined),
      answers,
      channels: target.spec.preprocess?.channels,
      series: series ?? undefined,
      ...(text ? { texts: true, width: test.shape[0] } : {}),
      ...(test.kind === 'image' && height !== undefined && width !== undefined ? { resize: [height, width] } : {}),
      ...(limits.length > 0 ? { limit: Math.min(...limits) } : {}),
    },
  );
  const constraints = features === undefined ? undefined : constraintsOf(features, stored);
  const opened = constraints ? scaledDataset(stored, constraints) : stored;
  try {
    mustFit(opened, test, answers === 'labels');
  } catch (error) {
    await opened.close();
    throw error;
  }
  return opened;
}

const kindNames = { image: 'images', vector: 'vectors', series: 'time series', text: 'texts' } as const;

function mustFit(shift: OpenDataset, test: OpenDataset, labelled: boolean): void {
  if (String(shift.shape) !== String(test.shape) || shift.kind !== test.kind) {
    throw new RobustnessError(
      'data/shift-shape',
      `its examples are ${kindNames[shift.kind]} of shape [${shift.shape.join(', ')}], and those of the test data ${kindNames[test.kind]} of shape [${test.shape.join(', ')}].`,
      'Give it in the same form as `data.test` (`layout` and `labels` may be stated with it).',
    );
  }
  if (shift.targets !== undefined && shift.targets !== test.targets) {
    throw new RobustnessError(
      'data/shift-targets',
      `its targets have ${shift.targets} numbers, and those of the test data ${test.targets ?? 0}.`,
      'Give the same targets as in `data.test`.',
    );
  }
  const [ours, theirs] = [test.storedRange?.[1], shift.storedRange?.[1]];
  if (test.kind === 'image' && ours !== theirs && [ours, theirs].includes(1) && [ours, theirs].includes(255)) {
    throw new RobustnessError(
      'data/shift-scale',
      `its values are stored in 0 to ${theirs}, and those of the test data in 0 to ${ours}.`,
      'Store both in the same units: they go into the same model with the same pre-processing.',
    );
  }
  if (labelled && shift.classes !== null && test.classes === null) {
    throw new RobustnessError(
      'data/shift-classes',
      `its labels are names (${shift.classes.slice(0, 4).join(', ')}, …), and the test data have numbers.`,
      'State `data.classes` in the order of the model, or number the labels.',
    );
  }
}

/** What goes wrong while a shift is opened says which one it is. */
async function named<T>(name: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    if (RobustnessError.is(cause)) {
      const { code, message, hint } = cause;
      throw new RobustnessError(code, `The shift “${name}” cannot be used: ${decapitalised(message)}`, hint, { cause });
    }
    if ((cause as NodeJS.ErrnoException | null)?.code === undefined) throw cause;
    throw new RobustnessError(
      'data/unreadable' satisfies ErrorCode,
      `The shift “${name}” cannot be used: its data cannot be read.`,
      'Check the path under `shifts` in the spec: it is relative to the spec.',
      { cause },
    );
  }
}

function decapitalised(message: string): string {
  return /^(The|There|Line|Values|Example|Images|Its|Check|None|Training)\b/.test(message)
    ? `${message[0]!.toLowerCase()}${message.slice(1)}`
    : message;
}
