import { outputDefinitions } from '../metric/outputDefinitions';
import { toleranceText } from '../spec/tolerance';
import { budgetText } from './budget';
import { shortThreat } from './describe';
import { corruptionParameters, outputCorruptionSection } from './outputCorruptionSections';
import { recommendationSection } from './recommendationSections';
import type { AnyReport, OutputThreatReport, RegressionReport } from './regression';
import { largestErrors, residualSection } from './residualSections';
import type { Figure } from './schema';
import type { Section, Table } from './section';
import { duration, isComplete, orDash, withInterval } from './words';

/** What a report on a regression has beside what every report has. */
export function regressionSections(report: RegressionReport): Section[] {
  return [
    headline(report),
    recommendationSection(report),
    ...report.threatModels.map(cascade),
    clean(report),
    residualSection(report),
    largestErrors(report),
    outputs(report),
    outputCorruptionSection(report),
    corruptionParameters(report.corruptions?.byCorruption ?? []),
  ].filter((section) => section !== null);
}

function headline(report: RegressionReport): Section {
  const { tolerance } = report;
  return {
    title: 'Clean versus worst case',
    paragraphs: [
      `Over ${report.data.count} examples, with 95 % intervals.`,
      outputDefinitions.worstCase.text,
      ...(tolerance ? [`Tolerance: ${toleranceText(tolerance)}. ${outputDefinitions.withinTolerance.text}`] : []),
      'Nothing is certified: the true worst case may be larger.',
    ],
    table: outputTable([report]),
  };
}

/** Clean against worst, one row a model and threat model. */
export function outputTable(reports: readonly RegressionReport[]): Table {
  const tolerated = reports.some(({ tolerance }) => tolerance !== null);
  const model = ({ path }: RegressionReport['model']) => path.split('/').at(-1) ?? path;
  const several = reports.length > 1;
  return {
    columns: [
      ...(several ? ['Model'] : []),
      'Threat model',
      'Clean MAE',
      'Worst MAE',
      'Clean RMSE',
      'Worst RMSE',
      'Mean change',
      'Largest change',
      ...(tolerated ? ['Clean within tolerance', 'Within tolerance'] : []),
    ],
    rows: reports.flatMap((report) =>
      report.threatModels.map((threat) => [
        ...(several ? [model(report.model)] : []),
        `${threat.name} (${shortThreat(threat)})`,
        numberText(report.clean?.mae),
        worstText(threat.worstCase?.mae, report),
        numberText(report.clean?.rmse),
        worstText(threat.worstCase?.rmse, report),
        worstText(threat.worstCase?.meanChange, report),
        threat.worstCase ? `≥ ${digits(threat.worstCase.maxChange)}` : '–',
        ...(tolerated
          ? [
              orDash(report.clean?.withinTolerance),
              threat.withinTolerance ? `≤ ${withInterval(threat.withinTolerance)}` : '–',
            ]
          : []),
      ]),
    ),
  };
}

const firstLook =
  'A quick suite, with small budgets: a first look. The worst errors are lower bounds that the suite `standard` may well raise.';

function cascade(threat: OutputThreatReport): Section {
  return {
    title: `Attacks: ${threat.name}`,
    paragraphs: [threat.description, ...(threat.suite === 'quick' ? [firstLook] : [])],
    table: {
      columns: [
        'Attack',
        'Worst MAE after',
        'Worsened',
        'Attempted',
        'Refused by verifier',
        'Forward',
        'Backward',
        'Time',
      ],
      rows: threat.attacks.map((attack) => [
        `${attack.title} (${budgetText(attack)})`,
        numberText(attack.maeAfter),
        String(attack.worsened),
        String(attack.attempted),
        String(attack.refused),
        String(attack.forwards),
        String(attack.backwards),
        duration(attack.seconds),
      ]),
    },
  };
}

function clean({ clean }: RegressionReport): Section | null {
  if (clean === null) return null;
  const names = ['mae', 'rmse', 'r2', 'medianError'] as const;
  return {
    title: 'Clean metrics',
    paragraphs: [],
    table: {
      columns: ['Metric', 'Value', 'Meaning'],
      rows: [
        ...names.map((name) => [outputDefinitions[name].title, numberText(clean[name]), outputDefinitions[name].text]),
        ...(clean.withinTolerance
          ? [
              [
                'Within tolerance',
                orDash(clean.withinTolerance),
                'Share of the examples as they are of which every output is within the tolerance of its target.',
              ],
            ]
          : []),
      ],
    },
  };
}

/** The largest range of each output, where there are several. */
function outputs(report: RegressionReport): Section | null {
  if (report.outputs < 2 || report.threatModels.length === 0) return null;
  const rows = report.threatModels.flatMap(({ name }) => {
    const reached = report.outcomes.reached[name];
    return Array.from({ length: report.outputs }, (_, j) => {
      const changes = report.outcomes.prediction.map((prediction, i) =>
        Math.max((reached?.highest[i]?.[j] ?? 0) - prediction[j]!, prediction[j]! - (reached?.lowest[i]?.[j] ?? 0)),
      );
      const mean = changes.reduce((sum, change) => sum + change, 0) / Math.max(1, changes.length);
      const most = changes.reduce((largest, change) => Math.max(largest, change), 0);
      return [name, String(j), digits(mean), digits(most)];
    });
  });
  return {
    title: 'By output',
    paragraphs: [],
    table: { columns: ['Threat model', 'Output', 'Mean change', 'Largest change'], rows },
  };
}

/** What is known of a worst case: a lower bound, since a stronger attack can only raise it. */
function worstText(figure: Figure | null | undefined, report: AnyReport): string {
  if (!figure) return '–';
  return `≥ ${numberText(figure)}${isComplete(report) ? '' : ' so far'}`;
}

/** `2.31 (2.1 to 2.6)`: a figure never stands without its interval. */
export function numberText(figure: Figure | null | undefined): string {
  return figure ? `${digits(figure.value)} (${digits(figure.low)} to ${digits(figure.high)})` : '–';
}

function digits(value: number): string {
  return String(Number(value.toPrecision(4)));
}
