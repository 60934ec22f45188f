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
import type { Pattern } from './patternSet';
import type { ClaimKind } from './types';

const kinds: readonly (readonly [ClaimKind, Pattern])[] = [
  ['certified', certifiedWords],
  ['security', securityWords],
  ['adversarial', adversarialWords],
  ['shift', shiftWords],
  ['corruption', corruptionWords],
  ['stability', stabilityWords],
];

const adversarialContext =
  /\badversarial(?:ly)? (?:robust\w*|attacks?|examples?|perturbations?|images?|path|fine-tun\w+|inputs?)|\b(?:pgd|fgsm|auto-?attack|trades)\b/i;
const anyVariation =
  /\b(?:to|against|under|despite|with|across) (?:varying|changing|variable) [a-z]|\b(?:to|against|under|despite|with) (?:\w+ ){0,2}(?:variations?|variability|changes|fluctuations) (?:in|of)\b(?! (?:the )?(?:data|inputs?)\b)/i;

/** Where an attack is none by crafted inputs to a classifier. */
const otherThreats =
  /\b(?:guard-?rails?|prompts?|chat-?bots?|assistants?|jail-?breaks?|safety (?:alignment|filters?|training|mechanisms?)|alignment|refusals?|circumvent\w*|watermark\w*|byzantine|federated|biometric\w*|spoof\w*|back-?doors?|poison\w*)\b/i;

/** How many things a text names: "background noise" is not noise once more. */
const distinct = (hits: readonly string[]) =>
  hits.filter((hit) => !hits.some((other) => other.length > hit.length && other.includes(hit))).length;

/** Whether what is shifted or what is corrupted is named more often, and at a tie first; null where neither is. */
function shiftOrCorruption(text: string): 'shift' | 'corruption' | null {
  const shift = occurrences(shiftWords, text);
  const corruption = occurrences(corruptionWords, text);
  if (shift.count === 0 && corruption.count === 0) return null;
  const more = distinct(shift.hits) - distinct(corruption.hits);
  if (more !== 0) return more > 0 ? 'shift' : 'corruption';
  return shift.first <= corruption.first ? 'shift' : 'corruption';
}

/** What is varied where a claim is about stability, whatever stands before it; the other words need "to", "across" or the like. */
const runs =
  /\b(?:seeds?|folds?|folding|cross[- ]validat\w+|(?:low|lower|minimal|small) (?:variance|standard deviation)|hyper-?param\w*|quanti[sz]\w*|repeated runs|permutations?)\b/i;
const varied = /\b(?:to|across|over|under|with|against|regardless|irrespective|despite|without|as|from|between) .*/i;

/**
 * The first kind that fits, in the order of the definition of a claim's kind: certified, adversarial, security, shift, corruption, stability.
 * `complement` is what the property is said to hold against, "to noise" of "a detector for unseen streets that is robust to noise": where it
 * names a disturbance, it decides over the rest of the sentence.
 */
export function kindOf(text: string, context: string, around = '', complement = ''): ClaimKind {
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
  // The success rate of attacks on an assistant is that of injections.
  if (
    /\b(?:attack|injection) success\b/i.test(text) &&
    /\b(?:llms?|gpt|language models?|agents?|untrusted|instructions)\b/i.test(`${text} ${context} ${around}`) &&
    !/\badversarial (?:examples?|training|images?|perturbations?)/i.test(text)
  )
    return 'security';
  if (attack.count > 0) return 'adversarial';
  const disturbed = shiftOrCorruption(complement);
  const over = varied.exec(complement)?.[0] ?? '';
  if (disturbed === null && has(stabilityWords, over)) return 'stability';
  const named = disturbed ?? shiftOrCorruption(text);
  if (named !== null) return named;
  // "Robust generalisation", shown by folds, is about nothing in particular.
  if (has(stabilityWords, complement === '' ? text : over) || runs.test(text))
    return /\brobust(?:ly)? (?:generali[sz]|performance)/i.test(text) && !/\bstabil/i.test(text)
      ? 'general'
      : 'stability';
  if (context !== '') {
    if (/\badversarial(?:ly)? train/i.test(text)) return 'adversarial';
    const near = kindOf(context, '');
    if (near === 'adversarial' || near === 'stability') return near;
  }
  // "Our method significantly improves robustness", beside a sentence about attacks.
  if (/\brobust(?:ness|ly)?\b/i.test(text) && adversarialContext.test(around)) return 'adversarial';
  // "Strong generalisation to colloquial Swabian": to something else than what was learned, unless it is called data.
  if (
    /\bgenerali[sz](?:e|es|ed|ing|ation)(?: (?:abilit(?:y|ies)|capabilit(?:y|ies)|performance))? (?:well |better )?(?:to|across)\b(?! (?:[\w-]+ ){0,2}(?:data|samples|examples)\b)/i.test(
      text,
    )
  )
    return 'shift';
  // "Robust to variations in the boost": of the input, whatever it is.
  if (anyVariation.test(complement || text)) return 'corruption';
  return 'general';
}

/** Whether a perturbation, attack or shift is named. */
export function hasCondition(text: string): boolean {
  return kinds.some(([, pattern]) => has(pattern, text));
}

/** What disturbs signals, statistics and links as well as models. */
const anybodys =
  /^(?:cross.validat.*|nois.*|jitter|interference|outliers?|missing .*|distort.*|data loss|packet loss|thresholds?|tuning|degrad.*|order of .*|scale|size|intensity|perturbations?|disturbances?|.* (?:conditions?|environments?|scenarios?|sites?|styles?|types|formats|sources|inputs))$/;
/** What protocols, servers and accounts are attacked by as well. */
const attacks =
  /^(?:attacks?|attackers?|tamper.*|secure(?:ly)?|cyber.*|emerging threats|zero-day|injection attacks?|malicious .*|intrusions?|replay attacks?)$/;

/** Whether an attack, a shift or a corruption is named that is a matter of models alone. */
export function namesThreat(text: string): boolean {
  return kinds.some(([, pattern]) =>
    occurrences(pattern, text).hits.some((hit) => !anybodys.test(hit) && !attacks.test(hit)),
  );
}

/** Whether a disturbance is named that models share with instruments and links. */
export function namesDisturbance(text: string): boolean {
  return kinds.some(([, pattern]) => occurrences(pattern, text).hits.some((hit) => !attacks.test(hit)));
}
