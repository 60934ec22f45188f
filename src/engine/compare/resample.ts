import { Random } from '../random';
import type { OpenTerm } from './terms';

const most = 1000;
const least = 100;
/** Additions that a comparison may take: more than that and the page is waited for. */
const budget = 1e9;

/** Half the width of a 95 % interval, in standard deviations. */
const Z95 = 1.959963984540054;

/**
 * Values of every term and candidate over resamples of the examples, stratified by class. The same examples are drawn for all
 * terms and candidates, so that what is common to them cancels. A term without outcomes is drawn from a normal
 * distribution as wide as its interval, each candidate by itself: wider than the truth, as the examples are the same.
 *
 * @param labels [n] class of each example
 * @returns [resample][term · candidates + candidate]
 */
export function resampledTerms(terms: readonly OpenTerm[], labels: readonly number[], seed: number): Float64Array[] {
  const candidates = terms[0]?.figures.length ?? 0;
  const n = labels.length;
  const drawn = terms.filter(({ outcomes }) => outcomes !== null).length;
  const count = Math.round(Math.min(most, Math.max(least, budget / Math.max(1, n * candidates * (drawn + 10)))));
  const random = Random.of(seed, 'compare');
  const strata = byClass(labels);
  const times = new Uint16Array(n);
  return Array.from({ length: count }, () => {
    times.fill(0);
    for (const members of strata) {
      for (let draw = 0; draw < members.length; draw++) times[members[random.integer(members.length)]!]! += 1;
    }
    const values = new Float64Array(terms.length * candidates);
    for (const [t, { figures, outcomes }] of terms.entries()) {
      for (let c = 0; c < candidates; c++) {
        const own = outcomes?.[c];
        const { value, low, high } = figures[c]!;
        const noisy = value + (random.normal() * (high - low)) / (2 * Z95);
        values[t * candidates + c] = own ? weighted(own, times) / n : Math.min(1, Math.max(0, noisy));
      }
    }
    return values;
  });
}

function weighted(bits: Uint8Array, times: Uint16Array): number {
  let total = 0;
  for (let i = 0; i < bits.length; i++) total += bits[i]! * times[i]!;
  return total;
}

function byClass(labels: readonly number[]): Int32Array[] {
  const members = new Map<number, number[]>();
  for (const [i, label] of labels.entries()) {
    const own = members.get(label);
    if (own) own.push(i);
    else members.set(label, [i]);
  }
  return [...members.values()].map((own) => Int32Array.from(own));
}
