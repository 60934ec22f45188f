import type { Section } from '../report/section';
import { orDash, percent, withInterval } from '../report/words';
import { type ContextName, contextWeights, termNames, termTitles } from './context';
import type { ModelComparison, PairedTest, TradeOff } from './types';

/** The comparison as sections, the same on a terminal and in HTML; the choice in the context asked for, or the specs' own. */
export function comparisonSections(comparison: ModelComparison, context?: ContextName): Section[] {
  return [
    ...comparison.tradeOffs.map((tradeOff) => tradeOffSection(comparison, tradeOff)),
    ...pairedSection(comparison),
    ...churnSection(comparison),
    ...choiceSections(comparison, context),
  ];
}

function tradeOffSection({ models }: ModelComparison, { label, points, notes }: TradeOff): Section {
  const compared = points.filter(({ apart }) => apart === null);
  const best = (of: (point: TradeOff['points'][number]) => number) => Math.max(...compared.map(of));
  const [clean, robust] = [best((point) => point.clean.value), best((point) => point.robust.value)];
  return {
    title: `Clean against robust: ${label}`,
    paragraphs: [...notes],
    table: {
      columns: [
        'Model',
        'Clean accuracy',
        'to the best',
        'Robust accuracy',
        'to the best',
        'Certified',
        'Pareto front',
      ],
      rows: points.map((point) => [
        models[point.model]!.name,
        withInterval(point.clean),
        point.apart === null ? signedPoints(point.clean.value - clean) : '–',
        `≤ ${withInterval(point.robust)}`,
        point.apart === null ? signedPoints(point.robust.value - robust) : '–',
        orDash(point.certified),
        point.apart === null ? (point.front ? 'yes' : 'no') : `not compared: ${point.apart}`,
      ]),
    },
  };
}

function pairedSection({ models, paired, leftOut }: ModelComparison): Section[] {
  if (paired.length + leftOut.length === 0) return [];
  const names = (first: number, second: number) => `${models[first]!.name} − ${models[second]!.name}`;
  return [
    {
      title: 'The same examples, model against model',
      paragraphs: [
        `McNemar's exact test on what each model gets right; the p-value is adjusted for ${paired.length} ${paired.length === 1 ? 'test' : 'tests'} (Holm). The difference is in percentage points, with a 95 % interval for paired shares (Newcombe).`,
        ...leftOut.map(
          ({ first, second, threat, reason }) =>
            `Not tested: ${models[first]!.name} and ${models[second]!.name}, ${threat ?? 'clean'}: ${reason}.`,
        ),
      ],
      table: {
        columns: ['Models', 'On', 'Difference', 'Only the first', 'Only the second', 'p, adjusted', 'Verdict'],
        rows: paired.map((test) => [
          names(test.first, test.second),
          test.threat ?? 'clean',
          `${signedPoints(test.difference.value)} (${signedPoints(test.difference.low)} to ${signedPoints(test.difference.high)})`,
          String(test.onlyFirst),
          String(test.onlySecond),
          pText(test.adjusted),
          verdict(test, models[test.first]!.name, models[test.second]!.name),
        ]),
      },
    },
  ];
}

/** What a test says at 5 %. */
export function verdict({ adjusted, difference }: PairedTest, first: string, second: string): string {
  if (adjusted >= 0.05) return 'not told apart';
  return `${difference.value > 0 ? first : second} is better`;
}

function churnSection({ models, churn }: ModelComparison): Section[] {
  if (churn.length === 0) return [];
  return [
    {
      title: 'Prediction churn',
      paragraphs: ['How many predictions change, without attack, where the second model takes the place of the first.'],
      table: {
        columns: ['From', 'To', 'Changed', 'Now right', 'Now wrong', 'Wrong otherwise'],
        rows: churn.map(({ first, second, changed, gained, lost, otherError }) => [
          models[first]!.name,
          models[second]!.name,
          withInterval(changed),
          String(gained),
          String(lost),
          String(otherError),
        ]),
      },
    },
  ];
}

function choiceSections({ models, choice }: ModelComparison, asked?: ContextName): Section[] {
  if (choice === null) return [];
  const context = asked ?? choice.context;
  const chosen = choice.byContext.find((each) => each.context === context)!;
  const { weights, utilities, sensitivity } = chosen;
  const stated = termNames.map((term) => `${termTitles[term].toLowerCase()} ${percent(contextWeights[context][term])}`);
  return [
    {
      title: `Which model for which use: ${context}`,
      paragraphs: [
        chosen.text,
        `Weights of this context: ${stated.join(', ')}; terms that are missing leave theirs to the others.`,
        ...choice.absent,
      ],
      table: {
        columns: [
          'Model',
          ...choice.terms.map(({ name }, t) => `${termTitles[name]} × ${weights[t]!.toFixed(2)}`),
          'Utility',
          'First in resamples',
        ],
        rows: utilities.map(({ model, value, low, high, wins }, c) => [
          models[model]!.name,
          ...choice.terms.map(({ values }) => percent(values[c]!)),
          `${value.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`,
          percent(wins),
        ]),
      },
    },
    {
      title: 'How far the weights may move',
      paragraphs: [
        `${models[chosen.winner]!.name} stays first while one term weighs so much, the others in their proportions.`,
        ...choice.terms.map(({ name, text }) => `${termTitles[name]}: ${text}.`),
      ],
      table: {
        columns: ['Term', 'Weight', 'From', 'To'],
        rows: sensitivity.map(({ term, weight, low, high }) => [
          termTitles[term],
          percent(weight),
          percent(low),
          percent(high),
        ]),
      },
    },
    {
      title: 'In every context',
      paragraphs: [],
      table: {
        columns: ['Context', 'Choice', 'First in resamples', 'Certainty'],
        rows: choice.byContext.map(({ context: name, winner, utilities: all, certainty }) => [
          name,
          models[winner]!.name,
          percent(all.find(({ model }) => model === winner)!.wins),
          certainty,
        ]),
      },
    },
  ];
}

/** Percentage points with their sign: `+1.5`, `−0.3`, `0.0`. */
function signedPoints(difference: number): string {
  const text = Math.abs(100 * difference).toFixed(1);
  return `${text === '0.0' ? '' : difference < 0 ? '−' : '+'}${text}`;
}

function pText(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
