import {
  adversarialWords,
  certifiedWords,
  corruptionWords,
  has,
  occurrences,
  securityWords,
  shiftWords,
  stabilityWords,
} from './lexicon';
import type { ClaimKind } from './types';

const kinds: readonly (readonly [ClaimKind, RegExp])[] = [
  ['certified', certifiedWords],
  ['security', securityWords],
  ['adversarial', adversarialWords],
  ['shift', shiftWords],
  ['corruption', corruptionWords],
  ['stability', stabilityWords],
];

/** Where an attack is none by crafted inputs to a classifier. */
const otherThreats =
  /\b(?:guard-?rails?|prompts?|chat-?bots?|assistants?|jail-?breaks?|watermark\w*|byzantine|federated|biometric\w*|spoof\w*|back-?doors?|poison\w*)\b/i;

/** The first kind that fits, in the order of the definition of a claim's kind: certified, adversarial, security, shift, corruption, stability. */
export function kindOf(text: string, context: string, around = ''): ClaimKind {
  if (has(certifiedWords, text)) return 'certified';
  const attack = occurrences(adversarialWords, text);
  const security = occurrences(securityWords, text);
  // A named gradient attack is evasion; otherwise "attack" is a general word, and the particular threat decides.
  if (
    attack.hits.some((hit) =>
      /fgsm|pgd|auto-?attack|deepfool|carlini|skip-?jump|surfree|sparse-?rs|σ|sigma|^fast|^fab|^l/.test(hit),
    )
  )
    return 'adversarial';
  if (security.count > 0) return 'security';
  if (
    attack.count > 0 &&
    otherThreats.test(`${text} ${context} ${around}`) &&
    !/\badversarial (?:examples?|training|images?|perturbations?)/i.test(text)
  )
    return 'security';
  if (attack.count > 0) return 'adversarial';
  const shift = occurrences(shiftWords, text);
  const corruption = occurrences(corruptionWords, text);
  if (corruption.count > shift.count) return 'corruption';
  if (shift.count > 0) return 'shift';
  // "Robust generalisation", shown by folds, is about nothing in particular.
  if (has(stabilityWords, text))
    return /\brobust(?:ly)? (?:generali[sz]|performance)/i.test(text) && !/\bstabil/i.test(text)
      ? 'general'
      : 'stability';
  if (context !== '') {
    if (/\badversarial(?:ly)? train/i.test(text)) return 'adversarial';
    const near = kindOf(context, '');
    if (near === 'adversarial' || near === 'stability') return near;
  }
  return 'general';
}

/** Whether a perturbation, attack or shift is named. */
export function hasCondition(text: string): boolean {
  return kinds.some(([, pattern]) => has(pattern, text));
}

/** What disturbs signals, statistics and links as well as models. */
const anybodys =
  /^(?:nois.*|jitter|interference|outliers?|missing .*|distort.*|data loss|packet loss|thresholds?|tuning|degrad.*|order of .*)$/;

/** Whether an attack, a shift or a corruption is named that is a matter of models alone. */
export function namesThreat(text: string): boolean {
  return kinds.some(([, pattern]) => occurrences(pattern, text).hits.some((hit) => !anybodys.test(hit)));
}
