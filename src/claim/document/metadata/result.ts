import type { Scalar } from 'yaml';
import type { ProseBuilder } from '../builder';
import { rangeOf, textOf } from './yaml';

/** Words by which a metric or a data set says that it measures robustness. */
const robustness =
  /robust|adversar|attack|\bpgd\b|\bfgsm\b|certif|corrupt|\bm?ce\b|perturb|\bnois[ey]|distribution[- ]shift|\bood\b|out[- ]of[- ](?:domain|distribution)|jailbreak|injection|(?:cifar-?100?|image-?net|mnist)[-_]?(?:p|c|a|r|v2|sketch|bar)\b|\beps|ε|\bl(?:inf|2|1|0)\b/i;

/**
 * Adds one result of metadata, written as a sentence, where it speaks of robustness.
 *
 * @param base offset in the file of the text that was read as YAML
 */
export function addResult(
  builder: ProseBuilder,
  value: Scalar,
  source: string,
  base: number,
  metric: string,
  dataset: string,
): void {
  if (!robustness.test(`${metric} ${dataset}`)) return;
  const range = rangeOf(value, source);
  const written = textOf(value).trim();
  if (range === null || range[1] <= range[0] || !/^-?[\d.]+(?:e-?\d+)?\s*%?$/i.test(written)) return;
  const number = Number.parseFloat(written);
  // Shares are written both ways: 0.562 and 56.2.
  const figure = written.endsWith('%') || !(number > 1) ? written : `${written} %`;
  const plain = `${metric}${dataset === '' ? '' : ` on ${dataset}`}: ${figure}`.replace(/\s+/g, ' ');
  const [start, end] = [base + range[0], base + range[1]];
  builder.results.push({ start, end, plain, offsets: new Array<number>(plain.length).fill(start) });
}
