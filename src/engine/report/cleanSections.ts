import { definitions, type MetricName } from '../metric/definitions';
import type { GeneralisationReport, GroupsReport } from './cleanSchema';
import type { Figure, Report } from './schema';
import type { Section } from './section';
import { orDash, percent, withInterval } from './words';

type Clean = NonNullable<Report['clean']>;

const shares = [
  'accuracy',
  'balancedAccuracy',
  'top5Accuracy',
  'precisionMacro',
  'recallMacro',
  'f1Macro',
  'precisionMicro',
  'recallMicro',
  'f1Micro',
  'precisionWeighted',
  'recallWeighted',
  'f1Weighted',
  'rocAuc',
  'prAuc',
  'ece',
] as const satisfies MetricName[];
/** Not shares: written as plain numbers. */
const numbers = ['matthews', 'logLoss', 'brier'] as const satisfies MetricName[];
/** Single figures of `clean` that have a name of their own, in the order of reading. */
export const cleanFigures = [...shares, ...numbers] as const;

/** A confusion matrix of more classes is left to the file: no page is that wide. */
const widestMatrix = 20;
const mostPairs = 10;
/** Points of the risk-coverage curve in a table. */
const coverages = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** `0.412 (0.380–0.447)` */
function inNumbers({ value, low, high }: Figure): string {
  const text = (number: number) => number.toFixed(3).replace('-', '−');
  return `${text(value)} (${text(low)}–${text(high)})`;
}

/** `+3.1 points (1.0 to 5.2)`: a difference of shares. */
function inPoints({ value, low, high }: Figure): string {
  const text = (share: number) => (100 * share).toFixed(1).replace('-', '−');
  return `${value > 0 ? '+' : ''}${text(value)} points (${text(low)} to ${text(high)})`;
}

/** Clean figures, the confusion matrix, calibration and selective prediction. */
export function cleanSections({ clean, groups, generalisation }: Report): Section[] {
  if (!clean) return [];
  return [
    metrics(clean, generalisation),
    groups ? byGroup(groups) : null,
    confusion(clean),
    reliability(clean),
    selective(clean),
  ].filter((section) => section !== null);
}

function metrics(clean: Clean, generalisation: GeneralisationReport | undefined): Section {
  const row = (name: MetricName, figure: Figure | null | undefined, write: (figure: Figure) => string) =>
    figure === undefined ? [] : [[definitions[name].title, figure ? write(figure) : '–', definitions[name].text]];
  return {
    title: 'Clean metrics',
    paragraphs: generalisation ? [gapText(generalisation)] : [],
    table: {
      columns: ['Metric', 'Value', 'Meaning'],
      rows: [
        ...shares.flatMap((name) => row(name, clean[name], withInterval)),
        ...numbers.flatMap((name) => row(name, clean[name], inNumbers)),
      ],
    },
  };
}

/** Pairs of classes that are taken for one another, the most frequent first. */
function confusedPairs(
  { confusion, perClass }: Pick<Clean, 'confusion' | 'perClass'>,
  most: number,
): { readonly label: string; readonly as: string; readonly count: number; readonly of: number }[] {
  return (confusion ?? [])
    .flatMap((row, t) =>
      row.map((count, p) => ({
        label: perClass[t]?.label ?? String(t),
        as: perClass[p]?.label ?? String(p),
        count: t === p ? 0 : count,
        of: perClass[t]?.support ?? 0,
      })),
    )
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, most);
}

function gapText({ train, test, gap, trainPath, trainExamples }: GeneralisationReport): string {
  return `On training data (${train.n} of ${trainExamples} examples of ${trainPath}) the accuracy is ${withInterval(train)}, on test data ${withInterval(test)}: a gap of ${inPoints(gap)}. ${definitions.generalisationGap.text}`;
}

function byGroup({ by, rows, clean, robust }: GroupsReport): Section {
  const worst = ({ worst, accuracy, gap }: GroupsReport['clean']) =>
    `${worst}, ${withInterval(accuracy)}, ${(100 * gap).toFixed(1)} points below the best`;
  return {
    title: `By group (${by})`,
    paragraphs: [
      `Worst group: ${worst(clean)}.${robust.map((each) => ` Under ${each.threatModel}: ${worst(each)}.`).join('')} ${definitions.worstGroup.text}`,
    ],
    table: {
      columns: ['Group', 'Examples', 'Accuracy', ...robust.map(({ threatModel }) => `Robust (${threatModel})`)],
      rows: rows.map(({ name, accuracy, robustAccuracy }) => [
        name,
        String(accuracy.n),
        withInterval(accuracy),
        ...robust.map(({ threatModel }) => orDash(robustAccuracy[threatModel])),
      ]),
    },
  };
}

function confusion(clean: Clean): Section | null {
  const matrix = clean.confusion;
  if (!matrix) return null;
  const labels = clean.perClass.map(({ label }) => label);
  const pairs = confusedPairs(clean, mostPairs).map(
    ({ label, as, count, of }) => `${label} as ${as} (${count} of ${of})`,
  );
  const most = pairs.length === 0 ? 'Nothing is confused.' : `Most often confused: ${pairs.join(', ')}.`;
  return {
    title: definitions.confusion.title,
    paragraphs: [`${definitions.confusion.text} ${most}`],
    table:
      labels.length > widestMatrix
        ? null
        : {
            columns: ['True class', ...labels],
            rows: matrix.map((row, t) => [labels[t] ?? String(t), ...row.map(String)]),
          },
  };
}

function reliability({ calibration, ece }: Clean): Section | null {
  if (!calibration) return null;
  return {
    title: 'Calibration',
    paragraphs: [
      ...(ece ? [`Expected calibration error ${withInterval(ece)}. ${definitions.ece.text}`] : []),
      `Adaptive calibration error ${withInterval(calibration.adaptiveEce)}. ${definitions.adaptiveEce.text}`,
      `Maximum calibration error ${withInterval(calibration.maximumCe)}. ${definitions.maximumCe.text}`,
      `Overconfidence ${inPoints(calibration.overconfidence)}. ${definitions.overconfidence.text}`,
    ],
    table: {
      columns: ['Confidence', 'Examples', 'Mean confidence', 'Accuracy'],
      rows: calibration.bins
        .filter(({ n }) => n > 0)
        .map(({ low, high, n, confidence, accuracy }) => [
          `${percent(low)} to ${percent(high)}`,
          String(n),
          confidence === null ? '–' : percent(confidence),
          accuracy === null ? '–' : withInterval(accuracy),
        ]),
    },
  };
}

function selective({ selective: found }: Clean): Section | null {
  if (!found) return null;
  const rows = coverages.flatMap((coverage) => {
    const point = found.points.findLast((each) => each.coverage <= coverage + 1e-9);
    return point === undefined ? [] : [point];
  });
  return {
    title: 'Selective prediction',
    paragraphs: [
      `AURC ${inNumbers(found.aurc)}. ${definitions.aurc.text}`,
      `Excess AURC ${inNumbers(found.excessAurc)}. ${definitions.excessAurc.text}`,
    ],
    table: {
      columns: ['Accepted', 'Errors among them'],
      rows: [...new Set(rows)].map(({ coverage, risk }) => [percent(coverage), percent(risk)]),
    },
  };
}
