import type { StepSchedule } from './apgdSchedule';

/** Examples that run together: fields of tensors, [rows, width] each, in the order of `rows`. */
export interface Pack {
  /** Rows of the request. */
  readonly rows: readonly number[];
  readonly fields: Record<string, Float32Array>;
  /** Of each row, where steps are tuned; empty otherwise. */
  readonly schedules: readonly StepSchedule[];
}

/** The pack without the rows for which `leaves` is true. */
export function without(pack: Pack, leaves: (position: number) => boolean): Pack {
  const stay = [...pack.rows.keys()].filter((position) => !leaves(position));
  if (stay.length === pack.rows.length) return pack;
  const pick = <T>(list: readonly T[]) => (list.length === 0 ? [] : stay.map((position) => list[position]!));
  return {
    rows: pick(pack.rows),
    schedules: pick(pack.schedules),
    fields: mapFields(pack, (values) => gathered(values, stay, values.length / pack.rows.length)),
  };
}

/** Rows of [n, width], in the order given: a view where they are neighbours, else a copy. */
export function someRows(values: Float32Array, rows: readonly number[], width: number): Float32Array {
  const [first = 0] = rows;
  const neighbours = rows.every((row, k) => row === first + k);
  return neighbours ? values.subarray(first * width, (first + rows.length) * width) : gathered(values, rows, width);
}

function gathered(values: Float32Array, rows: readonly number[], width: number): Float32Array {
  const result = new Float32Array(rows.length * width);
  rows.forEach((row, k) => {
    result.set(values.subarray(row * width, (row + 1) * width), k * width);
  });
  return result;
}

/** Neighbours joined as long as they have at most `limit` rows together; empty ones left out. */
export function joined(packs: readonly Pack[], limit: number): Pack[] {
  const result: Pack[] = [];
  for (const pack of packs) {
    const last = result.at(-1);
    if (pack.rows.length === 0) continue;
    if (last && last.rows.length + pack.rows.length <= limit) result[result.length - 1] = join(last, pack);
    else result.push(pack);
  }
  return result;
}

function join(a: Pack, b: Pack): Pack {
  return {
    rows: [...a.rows, ...b.rows],
    schedules: [...a.schedules, ...b.schedules],
    fields: mapFields(a, (values, name) => {
      const both = new Float32Array(values.length + b.fields[name]!.length);
      both.set(values);
      both.set(b.fields[name]!, values.length);
      return both;
    }),
  };
}

function mapFields(pack: Pack, change: (values: Float32Array, name: string) => Float32Array) {
  return Object.fromEntries(Object.entries(pack.fields).map(([name, values]) => [name, change(values, name)]));
}

/** A view of one row of a field. */
export function rowOf(pack: Pack, field: string, position: number): Float32Array {
  const values = pack.fields[field]!;
  const width = values.length / pack.rows.length;
  return values.subarray(position * width, (position + 1) * width);
}
