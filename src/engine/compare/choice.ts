import { quantile } from '../metric/interval';
import type { Report } from '../report/schema';
import { percent } from '../report/words';
import { type ContextName, contextNames, contextWeights, isContext, termTitles } from './context';
import { resampledTerms } from './resample';
import { type OpenTerm, termsOf } from './terms';
import type { Choice, ContextChoice, Sensitivity, TradeOff } from './types';

/** From this share of a context's weights on, a choice without them is none. */
const MOSTLY_UNKNOWN = 0.4;

/** Weights nearer to nothing or to all than this are not told from them in words: half of what a percentage shows. */
const SHOWN = 0.0005;

/** Which of the models that can be compared suits which context, and how much hangs on the weights and on the examples. */
export function choose(
  reports: readonly Report[],
  names: readonly string[],
  candidates: readonly number[],
  tradeOffs: readonly TradeOff[],
): Choice | null {
  if (candidates.length < 2) return null;
  const own = candidates.map((model) => reports[model]!);
  const { terms, absent } = termsOf(own, tradeOffs);
  const draws = resampledTerms(terms, own[0]!.outcomes.label, own[0]!.seed);
  const stated = new Set(own.map(({ spec }) => spec.context).filter(isContext));
  const [context] = stated;
  return {
    candidates,
    terms: terms.map(({ name, text, figures, outcomes }) => ({
      name,
      text,
      values: figures.map(({ value }) => value),
      resampled: outcomes !== null,
    })),
    absent,
    resamples: draws.length,
    byContext: contextNames.map((name) => inContext(name, terms, candidates, names, draws)),
    context: stated.size === 1 && context !== undefined ? context : 'general',
  };
}

function inContext(
  context: ContextName,
  terms: readonly OpenTerm[],
  candidates: readonly number[],
  names: readonly string[],
  draws: readonly Float64Array[],
): ContextChoice {
  const stated = terms.map(({ name }) => contextWeights[context][name]);
  const total = stated.reduce((sum, weight) => sum + weight, 0);
  const weights = stated.map((weight) => weight / total);
  const values = candidates.map((_, c) => terms.map(({ figures }) => figures[c]!.value));
  const own = values.map((row) => dot(weights, row));
  const best = own.indexOf(Math.max(...own));
  const resamples = draws.map((draw) =>
    candidates.map((_, c) => weights.reduce((sum, weight, t) => sum + weight * draw[t * candidates.length + c]!, 0)),
  );
  const wins = winShares(resamples, candidates.length);
  const utilities = candidates.map((model, c) => {
    const sorted = Float64Array.from(resamples, (row) => row[c]!).sort();
    return {
      model,
      value: own[c]!,
      low: Math.min(own[c]!, quantile(sorted, 0.025)),
      high: Math.max(own[c]!, quantile(sorted, 0.975)),
      parts: weights.map((weight, t) => weight * values[c]![t]!),
      wins: wins[c]!,
    };
  });
  const share = wins[best]!;
  // What no figure stands for is not settled by the figures that there are.
  const unknown = 1 - total;
  const certainty = unknown >= MOSTLY_UNKNOWN ? 'open' : share >= 0.95 ? 'clear' : share >= 0.8 ? 'likely' : 'open';
  const sensitivity = terms.map(({ name }, t) => ({ term: name, ...stays(weights, values, best, t) }));
  const winner = candidates[best]!;
  const text = inWords(names[winner]!, certainty, share, draws.length, sensitivity, unknown);
  return { context, weights, utilities, winner, certainty, sensitivity, text };
}

/** Share of the rows in which each column is the greatest; equals share the row. */
export function winShares(rows: readonly (readonly number[])[], columns: number): number[] {
  const shares = new Array<number>(columns).fill(0);
  for (const row of rows) {
    const top = Math.max(...row);
    const ahead = row.filter((value) => value >= top - 1e-12).length;
    for (const [c, value] of row.entries()) if (value >= top - 1e-12) shares[c]! += 1 / ahead;
  }
  return shares.map((wins) => (rows.length === 0 ? 0 : wins / rows.length));
}

/**
 * Within which weights of term `t` the model `best` has the greatest weighted mean, the other terms sharing the rest in their
 * proportions. Both means are linear in the weight, so each rival takes at most one end.
 *
 * @param weights [terms] sum 1
 * @param values [models][terms]
 */
export function stays(
  weights: readonly number[],
  values: readonly (readonly number[])[],
  best: number,
  t: number,
): Omit<Sensitivity, 'term'> {
  const weight = weights[t]!;
  const rest = 1 - weight;
  const others = (row: readonly number[]) => (rest < 1e-12 ? row[t]! : (dot(weights, row) - weight * row[t]!) / rest);
  let [low, high] = [0, 1];
  for (const [m, row] of values.entries()) {
    if (m === best) continue;
    // What the winner is ahead by at weight 0 and at weight 1.
    const none = others(values[best]!) - others(row);
    const all = values[best]![t]! - row[t]!;
    if (none < 0 && all > none) low = Math.max(low, none / (none - all));
    if (all < 0 && none > all) high = Math.min(high, none / (none - all));
  }
  return { weight, low: Math.min(low, weight), high: Math.max(high, weight) };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function inWords(
  name: string,
  certainty: ContextChoice['certainty'],
  share: number,
  resamples: number,
  sensitivity: readonly Sensitivity[],
  unknown: number,
): string {
  const ahead = `ahead in ${percent(share)} of ${resamples} resamples of the examples`;
  if (unknown >= MOSTLY_UNKNOWN) {
    return `Not settled: ${percent(unknown)} of what this context weighs was not measured of all models. On the rest, ${name} is ${ahead}.`;
  }
  const lead = {
    clear: `${name} is chosen: it is ${ahead}.`,
    likely: `${name} is chosen, with some doubt: it is ${ahead}.`,
    open: `${name} is ahead by a margin that the examples do not settle: it is ${ahead}.`,
  }[certainty];
  const bound = sensitivity.filter(({ low, high }) => low > SHOWN || high < 1 - SHOWN);
  const gap = unknown > 1e-9 ? ` ${percent(unknown)} of what this context weighs was not measured of all models.` : '';
  if (bound.length === 0) return `${lead} No change of a single weight would change that.${gap}`;
  const parts = bound.map(({ term, low, high, weight }) => {
    const range =
      low > SHOWN && high < 1 - SHOWN
        ? `from ${percent(low)} to ${percent(high)}`
        : low > SHOWN
          ? `${percent(low)} or more`
          : `${percent(high)} or less`;
    return `${termTitles[term].toLowerCase()} weighs ${range} (here ${percent(weight)})`;
  });
  return `${lead} It stays so while ${parts.join(', and while ')}.${gap}`;
}
