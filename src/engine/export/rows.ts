import type { WritableArray } from '../data/write';
import { NpzStream } from './npzStream';
import type { StoredForm } from './stored';

/** Columns beside the examples: a number each, of which a few bytes an example are held. */
export type Columns = Readonly<Record<string, number>>;

/** Writes examples with a column or more of numbers beside them. */
export class ExportRows {
  private readonly columns = new Map<string, number[]>();

  private constructor(
    private readonly stream: NpzStream,
    private readonly form: StoredForm,
  ) {}

  static async create(path: string, form: StoredForm): Promise<ExportRows> {
    return new ExportRows(await NpzStream.create(path, 'x', form.shape), form);
  }

  get count(): number {
    return this.stream.rows;
  }

  /** @param x one example, data space, as `roundTrip` gives it */
  async add(x: Float32Array, columns: Columns): Promise<void> {
    await this.stream.append(this.form.toFile(x));
    for (const [name, value] of Object.entries(columns)) {
      const column = this.columns.get(name);
      if (column) column.push(value);
      else this.columns.set(name, [value]);
    }
  }

  /** @param real names of the columns that are no whole numbers */
  async finish(real: readonly string[], more: Readonly<Record<string, Uint8Array | WritableArray>>): Promise<void> {
    const arrays: Record<string, Uint8Array | WritableArray> = {};
    for (const [name, values] of this.columns) {
      arrays[name] = {
        shape: [values.length],
        values: real.includes(name) ? Float64Array.from(values) : BigInt64Array.from(values, (value) => BigInt(value)),
      };
    }
    await this.stream.finish({ ...arrays, ...more });
  }

  abandon(): Promise<void> {
    return this.stream.abandon();
  }
}
