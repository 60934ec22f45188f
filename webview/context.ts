import type { Recommendation } from '../src/engine/recommend/types';
import type { AnyReport, RegressionReport } from '../src/engine/report/regression';
import type { Report } from '../src/engine/report/schema';
import type { Definition } from '../src/vscode/report/html';
import type { LineChart } from './chart/spec';

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

/** What every section draws from; those that are of one task alone say so. */
export interface Context<Kind extends AnyReport = Report> {
  readonly report: Kind;
  /** The threat model whose figures are shown; null if the report has none. */
  readonly threat: Kind['threatModels'][number] | null;
  readonly stale: boolean;
  readonly secondsLeft: number | null;
  readonly recommendations: readonly Recommendation[];
  readonly terms: Readonly<Record<string, string | Definition>>;
  readonly pitfallRules: number | null;
  readonly sort: Sort;
  /** Keys of toggles that the reader had open before the page was hidden. */
  readonly open: ReadonlySet<string>;
  /** Descriptions of the charts on the page, by the name on their canvas. */
  readonly charts: Map<string, LineChart>;
}

export type OutputContext = Context<RegressionReport>;

export function isRunning({ report }: Pick<Context<AnyReport>, 'report'>): boolean {
  return report.status.state === 'running';
}

/** Whether the selected threat model's figures may still fall: a run that is under way or was stopped. */
export function isPartial({ report, threat }: Context<AnyReport>): boolean {
  return report.status.state !== 'complete' && (threat === null || threat.examplesDone < report.data.count);
}
