import type { ContextChoice, ModelComparison, PairedTest, TradeOff } from '../../src/engine/compare/types';
import type { LineChart } from '../chart/spec';
import type { ChartColor } from '../theme';
import type { Scatter } from './scatter';

/** What every section of the comparison draws from. */
export interface CompareContext {
  readonly comparison: ModelComparison;
  readonly stale: readonly boolean[];
  /** The trade-off that is shown; null if no two figures can be set against each other. */
  readonly tradeOff: TradeOff | null;
  /** The choice in the context that is selected; null if there is none. */
  readonly chosen: ContextChoice | null;
  /** Index of the model that differences are taken from. */
  readonly base: number;
  readonly open: ReadonlySet<string>;
  readonly charts: Map<string, LineChart>;
  readonly scatters: Map<string, Scatter>;
}

const palette: readonly ChartColor[] = ['blue', 'orange', 'green', 'purple', 'red', 'yellow'];
const shapes = ['circle', 'rectRot', 'triangle', 'rect'] as const;

/** A model looks the same in all charts, and apart from its neighbours without colour too. */
export function look(model: number): { readonly color: ChartColor; readonly shape: (typeof shapes)[number] } {
  return {
    color: palette[model % palette.length] ?? 'blue',
    shape: shapes[model % shapes.length] ?? 'circle',
  };
}

/** A test as seen from `model`: its accuracy less that of the other. Null where the two were not tested. */
export function testOf(
  { paired }: ModelComparison,
  model: number,
  other: number,
  threat: string | null,
): PairedTest | null {
  const test = paired.find(
    (each) =>
      each.threat === threat &&
      ((each.first === model && each.second === other) || (each.first === other && each.second === model)),
  );
  if (test === undefined || test.first === model) return test ?? null;
  const { value, low, high, n } = test.difference;
  return {
    ...test,
    first: model,
    second: other,
    onlyFirst: test.onlySecond,
    onlySecond: test.onlyFirst,
    difference: { value: -value, low: -high, high: -low, n },
  };
}

/** `< 0.001`, `0.034`. */
export function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
