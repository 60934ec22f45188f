import { hasCondition } from './kind';

/** A share or a score with two decimals. */
const figure = /(?<![\w.=/])(?:\d{1,3}(?:\.\d+)?\s?\\?(?:%|percent\b|points?\b|pp\b)|0?\.\d{2,3}(?![\w/]|\.\d))/i;

const measure =
  /\b(?:accura(?:cy|te|cies)|correct(?:ly)?|right|errors?|dice|m?iou|f1|auroc|auc|wer|rewards?|success rate|performance|m?ap|recall|precision|predictions?|robustness|finds|detects?|recogni[sz]es|classif(?:y|ies)|recovers)\b/i;

/** How a result that holds is told. */
const holding =
  /\b(?:keeps?|kept|retains?|retained|holds?|stays?|stayed|remains?|maintains?|preserves?|still|rises?|rose|raises?|raised|improv(?:es?|ed)|increas(?:es?|ed)|boost(?:s|ed)?|recovers?|achiev(?:es?|ed)|reach(?:es|ed)?|attains?|gets?|scores?|leaves?|collects?|loses? (?:only|less|no more|merely|just|under)|(?:is|are) (?:right|correct|accurate)|unchanged|(?:mean|average) [\w -]{0,80}\bis)\b/i;

/** How a failure is told, or a condition that is only set up. */
const failing =
  /\b(?:falls?|fell|drops? (?:to|by|from)|dropp(?:ed|ing) (?:to|by|from)|collaps\w+|plummet\w*|declin\w+|degrad(?:es?|ed|ing)|decreas\w+|reduc\w+|lower(?:s|ed|ing)|brok(?:e|en)|breaks?|flips?|fool(?:s|ed)|worse|fails?|failed|takes? (?:the )?[^.;]{0,40}\bfrom|only|just|merely|add(?:s|ed|ing)?|appl(?:y|ied|ies)|sets?|inject\w*|attack success|asr)\b/i;

/**
 * The words of a sentence that state a result which holds under a named condition, "is right on 82 % of the images with noise",
 * or null. Here it is the figure that makes the claim, not an adjective.
 */
export function statedResult(prose: string): { readonly phrase: string; readonly index: number } | null {
  // A digit is soon looked for, and most sentences have none.
  if (!/\d/.test(prose) || !figure.test(prose)) return null;
  const held = holding.exec(prose);
  if (held === null || !measure.test(prose) || !hasCondition(prose)) return null;
  if (/(?<!\bfrom [~≈*]{0,3})(?<![\d.])0(?:\.0+)?\s?\\?%(?! (?:attack|success|asr))/i.test(prose)) return null;
  // "The interval reaches 5 points to either side" is about the measurement.
  if (
    /\b(?:intervals?|thresholds?|standard deviations?|margins? of error)\b[^.;]{0,80}$/i.test(
      prose.slice(0, held.index),
    )
  )
    return null;
  const failed = failing.exec(prose);
  if (failed !== null && !/\b(?:loses?|error)\b/i.test(prose)) return null;
  return { phrase: held[0], index: held.index };
}
