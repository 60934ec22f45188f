import type { CleanMetric } from '../evidence';
import { extractFacts, type Facts, type StatedFigure } from '../extract';
import { headAt } from '../table';
import type { Subject } from './types';

/** What a figure is a figure of. */
export type Quantity = 'accuracy' | 'error' | 'stability' | 'mce' | 'other' | CleanMetric;

const quantities: readonly (readonly [Quantity, RegExp])[] = [
  ['mce', /\b(?:mean |relative )?corruption errors?\b|\bmces?\b/gi],
  ['ece', /\b(?:expected )?calibration errors?\b|\bece\b/gi],
  ['error', /\berrors?(?: rates?)?\b|\bmis-?classif\w+/gi],
  [
    'stability',
    /\b(?:un(?:changed|altered)|same (?:class|label|prediction)s?|predictions? (?:stays?|remains?)|stability index)\b/gi,
  ],
  ['f1', /\bf1\b|\bf-?(?:score|measure)\b/gi],
  ['auc', /\b(?:roc[- ])?auc\b|\bauroc\b/gi],
  ['precision', /\bprecision\b/gi],
  ['recall', /\brecall\b|\bsensitivity\b|\btrue[- ]positive rate\b/gi],
  [
    'other',
    /\bm?ap(?:@[\d.:]+)?\b|\bm?iou\b|\bdice\b|\bpsnr\b|\bssim\b|\bbleu\b|\bwer\b|\br2\b|\bmcc\b|\btop-?[2-9]\b|\bspecificity\b|\b(?:false|true)[- ](?:positive|negative|alarm|acceptance|rejection) rates?\b|\bfpr\b|\beer\b|\bspeed|\bmemory|\bparameters?\b|\btraining (?:data|set|time|images|examples)\b|\bconfidence\b/gi,
  ],
  ['accuracy', /\baccura\w+|\bacc\b\.?|\bcorrect(?:ly)?\b|\bright\b/gi],
];

/** By the nearest word for a measure between the neighbouring figures; accuracy where there is none. */
export function quantityOf(text: string, figure: StatedFigure, all: readonly StatedFigure[]): Quantity {
  let from = Math.max(0, figure.start - 60);
  let to = Math.min(text.length, figure.end + 40);
  for (const other of all) {
    if (other.end <= figure.start && other.end > from) from = other.end;
    if (other.start >= figure.end && other.start < to) to = other.start;
  }
  const before = text.slice(from, figure.start);
  const after = text.slice(figure.end, to);
  const penalty = (gap: string) => gap.length + (/[,;|(]|\b(?:and|but)\b/.test(gap) ? 25 : 0);
  let best: Quantity = 'accuracy';
  let nearest = Number.POSITIVE_INFINITY;
  for (const [quantity, pattern] of quantities) {
    for (const match of before.matchAll(pattern)) {
      const distance = penalty(before.slice(match.index + match[0].length));
      if (distance < nearest) [best, nearest] = [quantity, distance];
    }
    for (const match of after.matchAll(pattern)) {
      const distance = penalty(after.slice(0, match.index));
      if (distance < nearest) [best, nearest] = [quantity, distance];
    }
  }
  return best;
}

/** What a claim says of one of its figures: the facts of the part of the sentence that it stands in. */
export interface Part {
  readonly figure: StatedFigure;
  readonly norms: Facts['norms'];
  readonly epsilons: Facts['epsilons'];
  readonly attacks: Facts['attacks'];
  readonly text: string;
}

const boundary = /[;,]|\b(?:and|but|while|whereas|versus|vs|compared|against|than)\b/gi;
/** Nothing but a comma, "and" or "/" stands between figures of a list. */
const listed = /^[\s,/|&]*(?:and|or|to|respectively)?[\s,/|&]*$/i;

/** "3 % and 62 % accuracy under PGD, respectively": what is said of the last figure of such a list is said of all. */
export function withListedRoles(plain: string, figures: readonly StatedFigure[]): readonly StatedFigure[] {
  if (!/\brespectively\b/i.test(plain)) return figures;
  const sorted = [...figures].sort((a, b) => a.start - b.start);
  for (let i = sorted.length - 2; i >= 0; i--) {
    const [figure, next] = [sorted[i]!, sorted[i + 1]!];
    if (figure.role === 'other' && listed.test(plain.slice(figure.end, next.start)))
      sorted[i] = { ...figure, role: next.role };
  }
  return sorted;
}

/**
 * The facts for each figure: those of its own part of the sentence ("62 % at ε = 0.1 and 31 % at ε = 0.2"), those of the whole
 * sentence where its part has none, and by position where both are lists of one length.
 */
export function partsOf(
  { sentence, facts }: Pick<Subject, 'sentence' | 'facts'>,
  figures: readonly StatedFigure[],
): Part[] {
  const { plain } = sentence;
  const { norms, epsilons, attacks } = facts;
  const whole = { norms, epsilons, attacks, text: plain };
  if (sentence.table)
    return figures.map((figure) => inColumn(figure, extractFacts(headAt(sentence, figure.start)), whole));
  if (figures.length < 2) return figures.map((figure) => ({ ...whole, figure }));
  const sorted = [...figures].sort((a, b) => a.start - b.start);
  const gaps = sorted.slice(1).map((figure, i) => plain.slice(sorted[i]!.end, figure.start));
  if (gaps.every((gap) => listed.test(gap))) {
    // "62 %, 31 % and 10 % at ε = 0.1, 0.2 and 0.3"
    if (epsilons.length === figures.length)
      return sorted.map((figure, i) => ({ ...whole, figure, epsilons: [epsilons[i]!] }));
    if (attacks.length === figures.length && figures.length > 1) {
      const inOrder = [...attacks].sort((a, b) => positionOf(plain, a) - positionOf(plain, b));
      return sorted.map((figure, i) => ({ ...whole, figure, attacks: [inOrder[i]!] }));
    }
    return sorted.map((figure) => ({ ...whole, figure }));
  }
  const cuts = gaps.map((gap, i) => {
    const last = [...gap.matchAll(boundary)].at(-1);
    return sorted[i]!.end + (last ? last.index : gap.length);
  });
  const parts = sorted.map((figure, i) => {
    const text = plain.slice(cuts[i - 1] ?? 0, cuts[i] ?? plain.length);
    return { figure, text, own: extractFacts(text) };
  });
  // By position where the parts have none of their own: ε of a list that follows all figures.
  const inPairs = epsilons.length === figures.length && parts.some(({ own }) => own.epsilons.length !== 1);
  return parts.map(({ figure, text, own }, i) => ({
    figure,
    text,
    norms: own.norms.length > 0 ? own.norms : norms,
    epsilons: inPairs ? [epsilons[i]!] : own.epsilons.length > 0 ? own.epsilons : epsilons,
    attacks: own.attacks.length > 0 ? own.attacks : parts.some((part) => part.own.attacks.length > 0) ? [] : attacks,
  }));
}

/** What the header of a figure's column says goes before what the row and its heading say. */
function inColumn(figure: StatedFigure, own: Facts, whole: Omit<Part, 'figure'>): Part {
  const or = <T>(mine: readonly T[], all: readonly T[]) => (mine.length > 0 ? mine : all);
  return {
    figure,
    text: whole.text,
    norms: or(own.norms, whole.norms),
    epsilons: or(own.epsilons, whole.epsilons),
    attacks: own.attacks,
  };
}

/** Where a canonical attack name first stands: names are read again from ever longer beginnings. */
function positionOf(text: string, attack: string): number {
  for (const match of text.matchAll(/\S+\s?/g)) {
    const end = match.index + match[0].length;
    if (extractFacts(text.slice(0, end)).attacks.includes(attack)) return end;
  }
  return text.length;
}

/**
 * The number of examples that a claim says its figures rest on; null where it says none. Numbers of training examples are others.
 */
export function statedCount({ sentence, facts }: Pick<Subject, 'sentence' | 'facts'>): number | null {
  const { count } = facts;
  if (count === null) return null;
  const digits = String(count).split('').join('[, ]?');
  const at = new RegExp(`(?<![\\d.])${digits}(?!\\d)`).exec(sentence.plain)?.index ?? 0;
  const lead = sentence.plain.slice(Math.max(0, at - 60), at);
  return /\b(?:pre-?)?train\w*\b[^.;]*$/i.test(lead) ? null : count;
}

/** What a claim says that the attacker wants; null where it does not say. */
export function statedGoal(text: string): 'targeted' | 'untargeted' | null {
  if (/\b(?:un|non-?)targeted\b/i.test(text)) return 'untargeted';
  return /(?<!multi-)(?<!multi )\btargeted (?:attack|adversar|pgd|apgd|misclass|perturb|auto)/i.test(text)
    ? 'targeted'
    : null;
}

/** Shares, and not scores above 1. */
export const isShare = (figure: StatedFigure): boolean => figure.value <= 1;
