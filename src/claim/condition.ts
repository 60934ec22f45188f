import { corruptionWords, has, occurrences, securityWords, shiftWords, stabilityWords } from './lexicon';
import type { Pattern } from './patternSet';
import type { ClaimContext } from './rule/types';

/** Words that name a family of disturbances without saying which. */
const genericCorruption =
  /^(?:nois(?:e|y|es|iness)(?:-\w+)?|perturbations?|corrupt\w*|distort\w*|degrad\w*|(?:audio|image|video|text) (?:manipulations?|transformations?|edits?)|(?:adverse|harsh|challenging|difficult|real-world) .*|scale|size|contrast|intensity|orientation|translation|angles?|clutter(?:ed)?)$/;
const genericShift =
  /^(?:out[- ]of[- ]\w+|ood|(?:domain|distribution(?:al)?|data|covariate|concept|natural)[- ].*|distribution shifts?|shift tolerance|(?:unseen|unforeseen|novel|new|previously unseen) (?:data|domains?|distributions?|inputs?|conditions?|environments?|scenarios?|examples?|samples?|images?|test|cases?|tasks?)\b.*|(?:diverse|different|multiple|various|varied|several|other|many|all|across|unknown|target) (?:[\w-]+ )?(?:domains?|distributions?|environments?|scenarios?|tasks?)|(?:diverse|novel|new|various|varied|other|different|multiple|unseen) (?:[\w-]+ )?data ?sets?|cross[- ]domains?|real-world data|in[- ]the[- ]wild|zero-shot|across .*(?:domains|distributions|data ?sets?))$/;
const genericSecurity =
  /^(?:secure(?:ly)?|emerging threats|(?:stealth|obfuscated|camouflaged?|cyber-?) ?(?:attacks?|threats?)|malicious .*|red[- ]team\w*)$/;
/** "Distribution shifts, e.g. between simulation and reality": a family with its members. */
const examples = /\b(?:such as|including|namely|e\.g\.,?|i\.e\.,?) [\p{L}\d]/iu;
const namedData =
  /\b(?:CIFAR|ImageNet|MNIST|SVHN|GTSRB|CAMELYON|WILDS|DomainBed|PACS|VLCS|Office-?Home|KITTI|Cityscapes|COCO|FEVER|MultiNLI|AdvGLUE|ANLI|LibriSpeech|CommonVoice|Celeb-?DF|DFDC|FaceForensics|iWildCam|ObjectNet)[\w+.-]*/;

/** Whether a text names an attacker's size or knowledge: what makes an adversarial claim testable. */
function namesAdversary(claim: ClaimContext): boolean {
  const { nearby } = claim;
  return nearby.epsilons.length > 0 || nearby.norms.length > 0 || nearby.knowledge !== null;
}

function concrete(pattern: Pattern, generic: RegExp, text: string): boolean {
  return occurrences(pattern, text).hits.some((hit) => !generic.test(hit));
}

/**
 * Whether the claim says under which condition it holds. What counts as concrete depends on the kind: a norm, a size or
 * the attacker's knowledge for adversarial claims; one particular attack class, corruption, shift or varied setting for others.
 */
export function statesCondition(claim: ClaimContext): boolean {
  const text = claim.sentence.prose;
  switch (claim.kind) {
    case 'adversarial':
      return namesAdversary(claim);
    case 'certified':
      return (
        namesAdversary(claim) ||
        /\b(?:patch(?:es)?|word substitutions?|lp|ℓp)\b/i.test(claim.nearbyText) ||
        concrete(securityWords, genericSecurity, text)
      );
    case 'security':
      return concrete(securityWords, genericSecurity, text);
    case 'corruption':
      return (
        concrete(corruptionWords, genericCorruption, text) ||
        examples.test(text) ||
        /background noise|label noise|gaussian noise|salt[- ]and[- ]pepper/i.test(text)
      );
    case 'shift':
      return (
        concrete(shiftWords, genericShift, text) ||
        examples.test(text) ||
        namedData.test(text) ||
        concrete(corruptionWords, genericCorruption, text)
      );
    case 'stability':
      return has(stabilityWords, text);
    case 'general':
      return concrete(corruptionWords, genericCorruption, text);
  }
}

/** A good accuracy that nothing attacks. */
export const goodAccuracy = /\b(?:an?|with|achieves?) (?:\w+ )?robust (?:\w+ )?accurac(?:y|ies) of\b/i;
const property =
  /\b(?:robust|resilien|resist|withst|toleran|immun|invarian|generali[sz]|stable|stabil|reliab|certif|provab|adversar|attack)\w*/i;

/** "Reduces false alarms by 60 %; more robust against attacks": the figure is told of something else. */
function sameClause(text: string, at: number): boolean {
  if (!text.includes(';')) return true;
  const from = text.lastIndexOf(';', at) + 1;
  const to = text.indexOf(';', at);
  return property.test(text.slice(from, to < 0 ? undefined : to));
}

/** Whether a figure of accuracy under attack, corruption or shift, or of a certificate, is offered. */
export function statesRobustFigure(claim: ClaimContext): boolean {
  const { prose } = claim.sentence;
  // "A robust accuracy of 95 %" where nothing attacks: a good one.
  if (claim.kind === 'general' && goodAccuracy.test(prose)) return false;
  // In a claim about a condition, a figure of its own is for that condition unless it says clean; a bare claim has none.
  const own = claim.facts.figures.some(
    ({ role, start }) =>
      role === 'robust' ||
      role === 'certified' ||
      (role !== 'clean' && claim.kind !== 'general' && sameClause(claim.sentence.plain, start)),
  );
  if (own) return true;
  return (
    claim.kind !== 'general' &&
    claim.nearby.figures.some((figure) => figure.role === 'robust' || figure.role === 'certified')
  );
}
