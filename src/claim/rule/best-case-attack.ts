import { strengthOf } from '../attackNames';
import type { ClaimContext, ClaimRule } from './types';

/** The attacker's best attempt counts; an average or a maximum over attempts flatters. */
const flattering =
  /\b(?:average[sd]?|averaging|mean|median|highest|best|maximum|max)\b[^.;|]{0,60}\b(?:over|across|of|among|under|against|for)\b[^.;|]{0,20}\b(?:(?:all|the|these|those|several|various|different|multiple|many|\w+) ){0,3}(?:adversarial )?attacks?(?! (?:success|rate|strength|budget|step|radius))/i;
const upTo =
  /\b(?:up to|as (?:high|much) as|at best|peak(?:s|ing)? at|maximum of|best[- ]case(?: of)?)[^.;|\d]{0,15}\d[\d.]*\s?\\?(?:%|percent)|\d[\d.]*\s?\\?(?:%|percent)[^.;|]{0,20}\b(?:at best|in the best case)\b/i;
const measure = /\b(?:accurac|robust|correct|detect|block|surviv|withst|resist|defen)/i;
/** "Up to" of a difference or of an attacker's success is the honest bound, or another matter. */
const other =
  /\b(?:up to|as (?:high|much) as)[^.;|]{0,40}\b(?:improv|increas|gain|higher|better|more|faster|points?|pp|reduc|drop|decreas|lower|success)|\b(?:improv|increas|gain|boost|rais|reduc|drop|decreas|lower|outperform|cut)\w*[^.;|]{0,60}\b(?:up to|as (?:high|much) as)\b/i;
const assertion = /\b(?:robust|resist|withst|resilien|defend|secure|immun|harden)\w*/i;

/** A weak attack's figure is offered as robustness, and a stronger attack's lower one stands beside it. */
function lowerBeside({ facts, nearby, sentence }: ClaimContext): boolean {
  if (!assertion.test(sentence.prose)) return false;
  if (!facts.attacks.some((attack) => strengthOf(attack) !== 'strong')) return false;
  if (!nearby.attacks.some((attack) => strengthOf(attack) === 'strong')) return false;
  const robust = (figures: ClaimContext['facts']['figures']) =>
    figures.filter(({ role, percent }) => percent && (role === 'robust' || role === 'other')).map(({ value }) => value);
  const own = Math.max(...robust(facts.figures));
  return own - Math.min(...robust(nearby.figures)) > 0.05;
}

export const bestCaseAttack: ClaimRule = {
  name: 'best-case-attack',
  severity: 'warning',
  source:
    'Carlini et al. 2019, On Evaluating Adversarial Robustness, section 4.3; Croce & Hein 2020, Reliable evaluation of adversarial robustness, section 4',
  summary: 'Over several attacks the worst figure counts, example by example; not the best, nor the mean.',
  check: (claim) => {
    const { kind, sentence, facts } = claim;
    if (kind !== 'adversarial' && kind !== 'security') return null;
    const { prose } = sentence;
    const figure = facts.figures.some(({ role }) => role !== 'change' && role !== 'success' && role !== 'clean');
    const best = figure && measure.test(prose) && !other.test(prose) && (flattering.test(prose) || upTo.test(prose));
    return best || lowerBeside(claim)
      ? 'This quotes the best (or the mean) of what several attacks left; an attacker takes whichever works. Count an example as robust if no attack broke it, and give that share.'
      : null;
  },
};
