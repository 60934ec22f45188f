import { basename } from 'node:path/posix';
import { type AnyReport, isRegression } from '../../engine/report/regression';
import type { Figure } from '../../engine/report/schema';
import { attackWordsOf, knowledgeWord } from './wording';

/** By this the entries of a card that this tool wrote are known. */
export const writer = 'robustness-inspector';

/** What the rest of the card says of the same things. */
export interface CardHints {
  /** `pipeline_tag` of the card. */
  readonly task: string | null;
  /** The data set's id on the Hub, where the card names exactly one. */
  readonly dataset: string | null;
}

interface Metric {
  readonly type: string;
  readonly name: string;
  readonly value: number;
  readonly args: Readonly<Record<string, string | number>>;
}

/** One entry of `results` in a model card's `model-index`; there is no `verified` in it, as nobody but the Hub may say so. */
export interface ModelIndexResult {
  readonly task: { readonly type: string; readonly name: string };
  readonly dataset: {
    readonly type: string;
    readonly name: string;
    readonly split?: string;
    readonly args: { readonly path: string; readonly examples: number };
  };
  readonly metrics: readonly Metric[];
}

/** A share to four digits, as metrics of the Hub are given: 0..1. */
const rounded = (value: number) => Number(value.toFixed(4));

/** @param report path of the report relative to the card: with the tool's name it marks the entry as this one's */
export function modelIndexResult(report: AnyReport, path: string, hints: CardHints): ModelIndexResult {
  const { kind, path: data } = report.data;
  const task = isRegression(report) ? 'regression' : 'classification';
  const origin = { tool: `${writer} ${report.tool.version}`, report: path };
  const figure = (type: string, name: string, { value, low, high, n }: Figure, args: Metric['args'] = {}): Metric => ({
    type,
    name,
    value: rounded(value),
    args: { ...args, n, low: rounded(low), high: rounded(high), ...origin },
  });
  return {
    task: {
      type: hints.task ?? `${kind === 'image' && task === 'classification' ? 'image' : 'tabular'}-${task}`,
      name: kind === 'image' ? `Image ${task}` : `Tabular ${task}`,
    },
    dataset: { ...datasetOf(data, hints), args: { path: data, examples: report.data.count } },
    metrics: isRegression(report) ? errors(report, figure) : shares(report, figure),
  };
}

const splits = /^(?:train(?:ing)?|val(?:id(?:ation)?)?|test(?:ing)?|dev|eval(?:uation)?)$/i;

/** `cifar10_test.npz` is the split `test` of `cifar10`; a file that is called `test.npz` tells no name. */
function datasetOf(path: string, hints: CardHints): Pick<ModelIndexResult['dataset'], 'type' | 'name' | 'split'> {
  const words = basename(path)
    .replace(/\.[^.]+$/, '')
    .split(/[\s_.-]+/);
  const split = words.find((word) => splits.test(word));
  const rest = words.filter((word) => !splits.test(word)).join(' ');
  const name = hints.dataset ?? (rest === '' ? 'Data of this repository' : rest);
  return { type: hints.dataset ?? 'unknown', name, ...(split === undefined ? {} : { split }) };
}

type MakeMetric = (type: string, name: string, figure: Figure, args?: Metric['args']) => Metric;

interface Condition {
  readonly norm: string;
  readonly epsilonText: string;
  readonly knowledge: Parameters<typeof knowledgeWord>[0];
  readonly goal: string;
}

function argsOf({ norm, epsilonText, knowledge, goal }: Condition, attacks: string): Metric['args'] {
  return { norm, epsilon: epsilonText, knowledge, goal, ...(attacks === '' ? {} : { attacks }) };
}

const conditionOf = ({ norm, epsilonText, knowledge }: Condition) =>
  `${norm} ε = ${epsilonText}, ${knowledgeWord(knowledge)}`;

function shares(report: Exclude<AnyReport, { task: 'regression' }>, make: MakeMetric): Metric[] {
  const { clean, threatModels, corruptions } = report;
  const metrics: Metric[] = clean ? [make('accuracy', 'Clean accuracy', clean.accuracy)] : [];
  for (const threat of threatModels) {
    const attacks = attackWordsOf(threat);
    const condition = conditionOf(threat);
    if (threat.robustAccuracy && attacks !== '')
      metrics.push(
        make('accuracy', `Robust accuracy, at most (${attacks}, ${condition})`, threat.robustAccuracy, {
          bound: 'upper',
          ...argsOf(threat, attacks),
        }),
      );
    if (threat.certifiedAccuracy)
      metrics.push(
        make('accuracy', `Certified accuracy, at least (${condition})`, threat.certifiedAccuracy, {
          bound: 'lower',
          ...argsOf(threat, ''),
        }),
      );
  }
  if (corruptions) metrics.push(make('accuracy', 'Mean accuracy under common corruptions', corruptions.meanAccuracy));
  return metrics;
}

function errors({ clean, threatModels }: Extract<AnyReport, { task: 'regression' }>, make: MakeMetric): Metric[] {
  const metrics: Metric[] = clean
    ? [make('mae', 'Mean absolute error, clean', clean.mae), make('rmse', 'Root mean squared error, clean', clean.rmse)]
    : [];
  for (const threat of threatModels) {
    const attacks = attackWordsOf({
      norm: threat.norm,
      attacks: threat.attacks.map((row) => ({ ...row, accuracyAfter: row.maeAfter })),
    });
    if (threat.worstCase)
      metrics.push(
        make(
          'mae',
          `Mean absolute error under attack, at least (${attacks}, ${conditionOf(threat)})`,
          threat.worstCase.mae,
          {
            bound: 'lower',
            ...argsOf(threat, attacks),
          },
        ),
      );
  }
  return metrics;
}
