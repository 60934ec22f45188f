import {
  adversarialWords,
  certifiedWords,
  corruptionWords,
  has,
  learningWords,
  occurrences,
  securityWords,
  shiftWords,
  stabilityWords,
} from './lexicon';
import type { Sentence } from './markdown';
import type { ClaimKind } from './types';
import { phraseVeto, sentenceVeto } from './veto';

export interface Detection {
  readonly kind: ClaimKind;
  /** The words that assert the property, in `Sentence.prose`. */
  readonly phrase: string;
}

/** What must be true of the sentence for a phrase to be about a learned model. */
type Need =
  /** The phrase is enough. */
  | 'nothing'
  /** A perturbation, attack or shift is named after the phrase. */
  | 'condition'
  /** Machine learning is spoken of in the sentence or around it. */
  | 'learning';

interface Trigger {
  readonly name: string;
  readonly pattern: RegExp;
  readonly need: Need;
}

const quality = '(?:robust|resilient|resistant|immune|invariant|insensitive|tolerant|impervious|hardened|unaffected)';
const property = '(?:robustnes+|resilience|resistance|invariance|tolerance|insensitivity|immunity|generali[sz]ability)';
const towards =
  '(?:to|against|under|across|towards?|with respect to|w\\.r\\.t\\.?|in the (?:face|presence) of|even|by|regardless|irrespective|on|over|in)';
const strong =
  '(?:strong(?:er|ly|est)?|high(?:er|ly|est)?|better|best|great(?:er|ly)?|good|superior|excellent|outstanding|remarkabl[ey]|exceptional|improved|enhanced|increased|optimal|significant(?:ly)?|substantial(?:ly)?|large|inherent|robust|effective(?:ly)?|state-of-the-art|sota|consistent(?:ly)?|reliabl[ey]|well|impressive|near[-‑]perfect)';
const verb =
  '(?:improv(?:es?|ed)|increas(?:es?|ed)|enhanc(?:es?|ed)|boost(?:s|ed)?|strengthen(?:s|ed)?|show(?:s|ed|cas(?:es|ing))?|demonstrat(?:es?|ed|ing)|exhibit(?:s|ed)?|has|have|provid(?:es?|ed|ing)|offer(?:s|ed|ing)?|achiev(?:es?|ed|ing)|ensur(?:es?|ed|ing)|guarante(?:es?|ed|eing)|yield(?:s|ed|ing)?|result(?:s|ed|ing)? in|leads? to|confirm(?:s|ed|ing)?|validat(?:es?|ed|ing)|highlight(?:s|ed|ing)?|indicat(?:es?|ed|ing)|prov(?:es?|ed|ing)|gain(?:s|ed)?|keeps?|retains?|maintain(?:s|ed|ing)?|brings?|recovered|deliver(?:s|ed|ing)?|add(?:s|ed)?|underscor(?:es?|ing)|reflect(?:s|ing)?|verif(?:ies|ied|ying)|evidenc(?:es?|ing))';
const filler = '(?:[^\\s.;:|]+ ){0,6}?';
const make = (name: string, need: Need, ...parts: string[]): Trigger => ({
  name,
  need,
  pattern: new RegExp(`(?<![\\p{L}\\d])(?:${parts.join('|')})(?![\\p{L}\\d])`, 'giu'),
});

const triggers: readonly Trigger[] = [
  make(
    'certified',
    'nothing',
    'certifiably[- ]robust',
    '(?:certified|provable|verified) (?:adversarial )?defen[sc]e',
    'provabl[ey][- ](?:\\w+-)?(?:robust|defend\\w*|resistant|secure)',
    'guaranteed (?:that )?no (?:adversarial )?(?:attack|perturbation)',
    'mathematically certified',
    'certified robust (?:accuracy|error)',
    '(?:verified|certified)(?: \\(\\w+\\))? (?:error|accuracy) (?:of|on|at)',
    `(?:is|are) (?:certified|verified) (?:to be )?(?:robust|${towards})`,
    `${verb} ${filler}(?:certified|verified|provable) (?:robustness|accuracy|robust accuracy|error)`,
  ),
  make(
    'quality to',
    'condition',
    `(?:\\w+-)?${quality} (?:\\w+ )?${towards}`,
    `less (?:affected|sensitive|vulnerable|susceptible|prone) (?:by|to)`,
  ),
  make(
    'property to',
    'condition',
    `(?:${verb}|${strong}|with|its|their|our|inherent) ${filler}(?:\\w+[- ])?${property} ${towards}`,
    `^(?:[^\\p{L}]*)${property} ${towards}`,
    `(?:provides?|offers?|has|with) ${filler}${property}`,
  ),
  make(
    'property',
    'learning',
    `${verb} ${filler}(?:\\w+[- ])?(?:robustnes+|resilience)`,
    `${strong} (?:\\w+ ){0,2}(?:robustnes+|resilience)`,
  ),
  make(
    'resists',
    'condition',
    '(?:resist|withstand|tolerate|survive|mitigate|block|thwart|neutrali[sz]e|repel|counter|defeat)s?(?:ing)?',
    '(?:defend|protect|guard)(?:s|ing|ed)? (?:[\\w-]+ ){0,5}?(?:against|from)',
    'handles?(?: \\w+)?',
    'copes? with',
    'effective (?:against|under|even)',
    '(?:recovers?|removes?|rejects?|filters?) (?:the )?(?:adversarial|malicious)',
    'defen[sc]es? (?:against|to)',
    'generali[sz]es? to',
  ),
  make(
    'generalises',
    'learning',
    `generali[sz](?:e|es|ed|ing) (?:\\w+ )?(?:well|strongly|better|best|effectively|robustly|reliably|remarkably|across|to (?:new|unseen|novel|other|different))`,
    `(?:better|best|well|strongly|robustly) generali[sz]es?`,
    `(?:${strong}|${verb}) ${filler}generali[sz](?:ation|ability)`,
    'robust generali[sz]ation',
  ),
  make(
    'keeps working',
    'condition',
    '(?:perform|work|operate|function|behave)s?(?:ed)? (?:\\w+ )?(?:well|reliably|effectively|consistently|robustly|better|accurately)',
    `(?:maintain|preserv|retain|keep|sustain)(?:s|ed|ing|es)? ${filler}(?:accuracy|performance|reliability|predictions?|quality|detection)`,
    '(?:stays?|remains?|is|are) (?:reliable|stable|accurate|consistent|effective|functional)',
    `${strong} ${filler}(?:performance|accuracy|results|gains?) (?:\\w+ ){0,4}?(?:on|under|across|in)`,
    '(?:performance|accuracy) (?:gains?|improvements?)',
    'reliably',
    'works (?:regardless|even|under|in)',
    '(?:least|smallest|minimal|little|without much) (?:accuracy|performance) (?:drop|loss|degradation)',
  ),
  make(
    'bare robust',
    'learning',
    '(?:is|are|be|being|becomes?|proved|remains?|stays?) (?:to be )?(?:[\\w-]+,? ){0,3}?robust(?: and [\\w-]+)?(?=[,.;:!]|$| and| in\\b| as\\b| agent)',
    `(?:is|are) (?:an? |the )?(?:[\\w-]+,? (?:and )?){0,5}?(?:[\\w-]+-)?robust,? (?:and )?${'(?:[\\w-]+ ){0,5}?'}(?:model|network|classifier|detector|system|algorithm|method|approach|framework|package|library|solution|backbones?|pipeline|module|technique|architecture|defen[sc]e|agent|watermark)s?`,
    `^[^\\p{L}]*(?:an? |the )?(?:[\\w-]+, )?(?:[\\w-]+-)?robust,? (?:[\\w-]+,? ){0,5}?(?:model|network|classifier|detector|system|algorithm|method|approach|solution|module|backbones?|technique|architecture|agent|segmentation|detection|recognition|estimation|tracking|selection|learning|analysis|prediction|matting|registration|odometry)s?`,
    `(?:provid|offer|present|perform|implement|propos|introduc|us|deliver|achiev|ensur|enabl|train|produc|yield|learn|indicat|giv|allow|guarante)(?:es?|s|ed|ing|eing|e) ${filler}(?:[\\w-]+-)?robust`,
    'for (?:fast |reliable |accurate |real-time )?(?:and )?robust (?:[\\w-]+ ){0,4}?(?:matting|estimation|segmentation|detection|recognition|tracking|prediction|classification|learning|localization|navigation)',
    'most (?:[\\w-]+, (?:and )?){0,4}?robust',
    'capable of training a robust',
    'trained (?:on \\w+ )?to be robust',
    'robustly',
    `^[^\\p{L}]*(?:[\\w-]+ )?robust(?:ness)?(?: and [\\w-]+)? (?:model|to|against)`,
    'robust and generali[sz]able',
  ),
];

/** Things called robust that are not learned models. */
const otherSense =
  /\brobust(?:ness)?,?(?: and [\w-]+)? (?:(?:\w+ )?(?:data|api|parser|parsing|error|errors|exception|code|build|builds|implementation|implementations|infrastructure|community|fallback|scaler|scaling|standard errors|covariance|statistics?|statistical|summary|baseline|evaluation|evaluations|version|logging|regression|estimators?|mean|median|z-?score|optimization|foundation|support|tooling|testing|tests?|set of|way|choice|http|cli|server|backend|frontend|database|messaging|set-?up|workflow|versioning|documentation|type|types|handling|retry|validation|configuration|security|integration|deployment|production|architecture for|rules?|loss|pca|aggregation rule|sandwich|hyperparameter|preprocessing|tuning|split|navigation stack|benchmark|overlap|scientific|protocol|methodology|experiment\w*|comparison|engineering|pipeline that not|understanding)\b)|robust(?:scaler|mq|ify|bench|fill)|\b(?:parser|api|cookie|http|build|compile|install|serializ|unserializ|docker|server|branch|release|filename|cache|network connection|retry|thread|process crash|misspecification|heteroscedastic|regression coefficient|estimates are|bin is|operating systems|red-black|hash table|data structure|rendering|pagination|schema|config(?:uration)? files?|token limits|time ?outs?|downtime|hardware failures?|implementations? of)\w*/i;

const kinds: readonly (readonly [ClaimKind, RegExp])[] = [
  ['certified', certifiedWords],
  ['security', securityWords],
  ['adversarial', adversarialWords],
  ['shift', shiftWords],
  ['corruption', corruptionWords],
  ['stability', stabilityWords],
];

/** The first kind that fits, in the order of the definition of a claim's kind: certified, adversarial, security, shift, corruption, stability. */
export function kindOf(text: string, context: string): ClaimKind {
  if (has(certifiedWords, text)) return 'certified';
  const attack = occurrences(adversarialWords, text);
  const security = occurrences(securityWords, text);
  // A named gradient attack is evasion; otherwise "attack" is a general word, and the particular threat decides.
  if (attack.hits.some((hit) => /fgsm|pgd|auto-?attack|deepfool|carlini|^l/.test(hit))) return 'adversarial';
  if (security.count > 0) return 'security';
  if (attack.count > 0) return 'adversarial';
  const shift = occurrences(shiftWords, text);
  const corruption = occurrences(corruptionWords, text);
  if (corruption.count > shift.count) return 'corruption';
  if (shift.count > 0) return 'shift';
  if (has(stabilityWords, text)) return 'stability';
  if (context !== '') {
    const near = kindOf(context, '');
    if (near === 'adversarial' || near === 'certified') return near;
  }
  return 'general';
}

function hasCondition(text: string): boolean {
  return kinds.some(([, pattern]) => has(pattern, text));
}

/** The claim that a sentence makes, or null. `learningContext`: the document is about machine learning. */
export function detectClaim(sentence: Sentence, learningContext: boolean): Detection | null {
  const { prose } = sentence;
  if (prose.length < 12 || prose.length > 1500) return null;
  if (sentenceVeto(sentence) !== null) return null;
  for (const trigger of triggers) {
    for (const match of prose.matchAll(trigger.pattern)) {
      const phrase = match[0];
      if (/§/.test(phrase)) continue;
      const end = match.index + phrase.length;
      const tail = prose.slice(match.index, end + 160);
      if (trigger.need === 'condition' && !hasCondition(tail)) continue;
      if (trigger.need !== 'nothing' && !learningContext && !has(learningWords, prose)) continue;
      if (otherSense.test(prose.slice(Math.max(0, match.index - 40), end + 50))) continue;
      // The negated or purposive verb may lie inside the phrase: look at all that stands before its last word.
      const left = prose.slice(Math.max(0, match.index - 160), end - (/\S+$/.exec(phrase)?.[0].length ?? 0));
      if (phraseVeto(left.slice(0, left.length)) !== null) continue;
      return { kind: kindOf(prose, ''), phrase };
    }
  }
  return null;
}

/**
 * Whether a document is about machine learning: several of its words, in several sentences. Software that is not
 * has parsers, interfaces and builds that are "robust" too.
 */
export function isLearningDocument(sentences: readonly Sentence[]): boolean {
  const seen = new Set<string>();
  for (const sentence of sentences) {
    for (const text of [sentence.prose, ...sentence.headings]) {
      for (const match of text.matchAll(documentWords)) seen.add(match[0].toLowerCase());
    }
    if (seen.size >= 2) return true;
  }
  return false;
}

/** Words that hardly occur outside machine learning. */
const documentWords =
  /\b(?:neural|deep learning|machine learning|classifiers?|data ?sets?|trained|pre-?trained|fine-?tun\w+|adversarial|pytorch|tensorflow|onnx|imagenet|cifar\S*|mnist|transformers?|resnet\S*|cnns?|llms?|embeddings?|segmentation|accuracy|inference|epochs?|checkpoints?|overfitting|gradient|reinforcement learning|f1|auc|yolo\S*|bert|gan|predictions?|detectors?|recognition)\b/gi;
