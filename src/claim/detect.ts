import type { Sentence } from './document/types';
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
import { PatternGate } from './patternGate';
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

const quality =
  '(?:robust|resilient|resistant|immune|invariant|insensitive|tolerant|impervious|hardened|unaffected|equivariant)';
const property = '(?:robustnes+|resilience|resistance|invariance|tolerance|insensitivity|immunity)';
const towards =
  '(?:to|against|under|across|within|towards?|with respect to|w\\.r\\.t\\.?|in the (?:face|presence) of|even|by|regardless|irrespective|on|over|in)';
const strong =
  '(?:strong(?:er|ly|est)?|high(?:er|ly|est)?|better|best|great(?:er|ly)?|good|superior|excellent|outstanding|remarkabl[ey]|exceptional|improved|enhanced|increased|optimal|significant(?:ly)?|substantial(?:ly)?|large|inherent|robust|effective(?:ly)?|state-of-the-art|sota|consistent(?:ly)?|reliabl[ey]|well|impressive|near[-‑]perfect|unmatched|unprecedented)';
const verb =
  '(?:improv(?:es?|ed|ing)|increas(?:es?|ed|ing)|enhanc(?:es?|ed|ing)|boost(?:s|ed|ing)?|strengthen(?:s|ed|ing)?|show(?:s|ed|n|ing|cas(?:es|ing))?|demonstrat(?:es?|ed|ing)|exhibit(?:s|ed|ing)?|has|have|provid(?:es?|ed|ing)|offer(?:s|ed|ing)?|achiev(?:es?|ed|ing)|ensur(?:es?|ed|ing)|guarante(?:es?|ed|eing)|yield(?:s|ed|ing)?|result(?:s|ed|ing)? in|leads? to|confirm(?:s|ed|ing)?|validat(?:es?|ed|ing)|highlight(?:s|ed|ing)?|indicat(?:es?|ed|ing)|prov(?:es?|ed|ing)|gain(?:s|ed)?|keeps?|retains?|maintain(?:s|ed|ing)?|brings?|recovered|deliver(?:s|ed|ing)?|add(?:s|ed)?|underscor(?:es?|ing)|reflect(?:s|ing)?|verif(?:ies|ied|ying)|evidenc(?:es?|ing)|promot(?:es?|ing))';
/** Up to six words of one clause. */
const filler = '(?:[^\\s.,;:|]+ ){0,6}?';
/** What may stand between an article and its noun. */
const modifiers = '(?:(?!(?:for|with|from|to|of|on|in|using|and|or|by|that|which) )[\\w-]+,? (?:and )?){0,5}?';
const modelNoun =
  '(?:models?|networks?|classifiers?|detectors?|systems?|algorithms?|methods?|approach(?:es)?|frameworks?|packages?|library|solutions?|backbones?|pipelines?|modules?|techniques?|architectures?|defen[sc]es?|agents?|watermark(?:er|s)?|polic(?:y|ies)|ensembles?|encoders?|representations?|features?|embeddings?|version|selection|learning|analysis|predictions?|matting|registration|odometry|segmentation|detection|recognition|estimation|tracking|classification|generalization|performance|navigation|localization|inference)';
const attackWord =
  '(?:attacks?|fgsm|(?:a|t)?pgd\\S*|auto-?attack|perturbations?|linf|eps(?:ilon)?|ε|l-?inf\\w*|ℓ\\S*|adversar\\w+|corruptions?|noise|shifts?)';
const percentage = '\\d[\\d.]*\\s?\\\\?(?:%|percent|pp\\b)';

/** Up to so many characters of one sentence; the point of a decimal does not end it. */
const gap = (most: number) => `(?:[^.;|]|\\.\\d){0,${most}}`;

const make = (name: string, need: Need, ...parts: string[]): Trigger => ({
  name,
  need,
  pattern: new RegExp(`(?<![\\p{L}\\d])(?:${parts.join('|')})(?![\\p{L}\\d])`, 'giu'),
});

/** In the order in which they are tried. */
export const triggers: readonly Trigger[] = [
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
    `certified (?:adversarial )?robustness (?:of|at|in|within)`,
  ),
  make(
    'quality to',
    'condition',
    `(?:\\w+-)?${quality} (?:\\w+ )?${towards}`,
    `less (?:affected|sensitive|vulnerable|susceptible|prone) (?:by|to)`,
  ),
  make(
    'model is',
    'learning',
    `(?:models?|networks?|classifiers?|detectors?|agents?|method|approach|system|algorithm|representations?|features|embeddings|predictions) (?:is|are|becomes?|remains?|was|were) (?:\\w+ ){0,2}${quality} (?:to|against)`,
  ),
  make(
    'property to',
    'condition',
    `(?:${verb}|${strong}|with|its|their|our|inherent) ${filler}(?:\\w+[- ])?${property} ${towards}`,
    `^(?:[^\\p{L}]*)${property} ${towards}`,
    `${verb} ${filler}${property}`,
  ),
  make(
    'property',
    'learning',
    `${verb} ${filler}(?:\\w+[- ])?(?:robustnes+|resilience)`,
    `${strong} (?:\\w+ ){0,2}(?:robustnes+|resilience)`,
    `(?:improvements?|gains?|benefits?|increase|boost)s? (?:in|to|of) ${filler}(?:\\w+[- ])?(?:robustnes+|resilience)`,
    `(?:recovered|gained|\\+\\d[\\d.]*\\s?%) [^.;|]{0,40}robustness`,
  ),
  make(
    'resists',
    'condition',
    '(?:resist|withstand|tolerate|survive|mitigate|block|thwart|neutrali[sz]e|repel|counter|defeat)s?(?:ing)?',
    '(?:defend|protect|guard)(?:s|ing|ed)? (?:[\\w-]+ ){0,5}?(?:against|from)',
    'handles?(?: \\w+)?',
    'copes? with',
    'effective(?:ness)? (?:[\\w-]+ ){0,4}?(?:against|under|even)',
    '(?:recovers?|removes?|rejects?|filters?) (?:the )?(?:adversarial|malicious)',
    '(?:our|this|novel|new|proposed) (?:[\\w-]+ ){0,2}defen[sc]e (?:against|to)',
    'generali[sz]es? to',
    `(?:propos|introduc|present|provid|us|build|offer|develop|train|releas)(?:es?|s|ed|ing|e)? ${modifiers}(?:adversarial(?:ly)?|attack|noise|occlusion|weather|byzantine|shift|domain|illumination|scale|rotation|pose)[- ](?:robust|resilient|resistant|invariant|tolerant)`,
    `(?:adversarial|attack|noise|occlusion|weather|illumination|rotation|pose)(?:-attack)?[- ](?:robust|resilient|resistant|invariant|tolerant) ${modelNoun}`,
    '^\\W*[\\w-]+[- ]attack (?:robust|resilient|resistant) ',
  ),
  make(
    'blocks them',
    'nothing',
    '(?<=(?:injection|jailbreak|backdoor|spoof|poison|adversarial)[^.;]{0,120}and )(?:blocks?|stops?|rejects?|neutrali[sz]es?) (?:them|these|it)',
  ),
  make(
    'generalises',
    'condition',
    `generali[sz](?:e|es|ed|ing) (?:\\w+ )?(?:well|strongly|better|best|effectively|robustly|reliably|remarkably|across|to|on)`,
    `(?:better|best|well|strongly|robustly) generali[sz]es?`,
    `(?:${strong}|${verb}) ${filler}generali[sz](?:ation|ability)`,
  ),
  make(
    'keeps working',
    'condition',
    '(?:perform|work|operate|function|behave)s?(?:ed)? (?:\\w+ )?(?:well|reliably|effectively|consistently|robustly|better|accurately)',
    `(?:maintain|preserv|retain|keep|sustain)(?:s|ed|ing|es)? ${filler}(?:accuracy|performance|reliability|predictions?|quality|detection)`,
    '(?:stays?|remains?|is|are) (?:\\w+ )?(?:reliable|stable|accurate|consistent|effective|functional) (?:\\w+ )?(?:under|across|even|in|against|over|when)',
    `${strong} ${filler}(?:performance|accuracy|results|gains?|detection|predictions|estimates|outputs) (?:\\w+ ){0,6}?(?:on|under|across|in|against)(?!-)`,
    '(?:performance|accuracy) (?:gains?|improvements?) (?:[\\w-]+ ){0,8}?(?:on|under|across)',
    `${verb} ${filler}(?:ood|out-of-(?:distribution|domain)|cross-(?:domain|dataset)|corrupted|adversarial|robust) (?:accuracy|performance|generali[sz]ation)`,
    'reliably',
    'works? (?:regardless|even|under|in)',
    '(?:least|smallest|minimal|little|without much) (?:accuracy|performance) (?:drop|loss|degradation)',
    `(?:has|have|with|keeps?|retains?|achiev(?:es?|ed|ing)|reach(?:es|ed|ing)?|maintains?|holds?|scores?|classif(?:y|ies)|withstands?|gets?|still) ${gap(40)}${percentage}${gap(70)}(?:under|against|at|within|to) ${gap(60)}${attackWord}`,
    `robust (?:test )?accuracy (?:of|is|:|=|at|reaches|stays at|remains)? ?(?:about |around |over |at least )?\\*{0,2}${percentage}`,
    `(?:under|against|after) ${gap(40)}${attackWord}${gap(40)}?(?:keeps?|retains?|has|have|achieves?|reaches|maintains?|accuracy:?|classif(?:y|ies)|holds?|scores?|gets?) ${gap(30)}${percentage}`,
    `(?:reward|score) (?:of|over) ${gap(30)}even under`,
    `(?:drops?|reduc\\w+|lowers?|cuts?) (?:the )?(?:evasion|attack success)`,
    `(?:clean|natural) (?:accuracy )?≈? ?[\\d.]+%?${gap(30)}(?:pgd|fgsm|autoattack|robust)\\S* ?≈? ?[\\d.]+`,
  ),
  make(
    'bare robust',
    'learning',
    `(?:is|are|be|being|becomes?|proved|remains?|stays?) (?:to be )?(?:[\\w-]+,? ){0,3}?robust(?: and [\\w-]+)?(?=[,.;:!]|$| and| in\\b| as\\b| agent)`,
    `(?:is|are|as) (?:an? |the )?${modifiers}(?:[\\w-]+-)?robust,? (?:and )?${modifiers}${modelNoun}`,
    `^[^\\p{L}]*(?:an? |the )?${modifiers}(?:[\\w-]+-)?(?:robust|resilient),? ${modifiers}${modelNoun}`,
    `(?:provid|offer|present|perform|implement|propos|introduc|us|deliver|achiev|ensur|enabl|train|produc|yield|learn|indicat|giv|allow|guarante|ship)(?:es?|s|ed|ing|eing|e)? (?:us )?${modifiers}(?:[\\w-]+-)?(?:robust|resilient)\\*{0,2},? (?:and )?${modifiers}${modelNoun}`,
    `ensur(?:es?|ing) ${modifiers}robust`,
    `for (?:fast |reliable |accurate |real-time )?(?:and )?robust ${modifiers}${modelNoun}`,
    'most (?:[\\w-]+, (?:and )?){0,4}?robust',
    '(?:is|are|becomes?|remains?|proves?) (?:\\w+ ){0,2}(?:more|as|equally) robust (?:than|as)',
    'capable of training a robust',
    'trained (?:on \\w+ )?to be robust',
    `mak(?:es?|ing) (?:the |our |this )?${modifiers}${modelNoun} (?:\\w+ )?(?:robust|resilient)`,
    "can(?:not|['’]t| not) be (?:fooled|deceived|tricked|spoofed|evaded)",
    '(?:is|are) (?:\\w+ )?(?:scale|rotation|translation|noise|illumination|viewpoint|domain)-(?:invariant|robust|agnostic)',
    'robustly',
    '^yes\\b[^.]{0,20}(?:works?|robust|regardless)[^.]{0,40}',
    `^[^\\p{L}]*(?:[\\w-]+ )?robust(?:ness)?(?: and [\\w-]+)? (?:model|to|against)`,
    'robust and generali[sz]able',
    'guaranteed convergence for [^.;]{0,40}robust',
    '(?<!be )(?:secure|reliable),? (?:and )?robust (?:[\\w-]+ ){0,3}(?:model|classifier|detector)s?',
  ),
];

/** Most sentences share no word with most triggers. */
const gate = new PatternGate(triggers.map(({ pattern }) => pattern));

/** A figure that shows how little is left. */
const failure =
  /\b(?:accuracy|performance|f1|auc)\b[^.;|]{0,30}\b(?:falls?|fell|drop(?:s|ped)?|collaps\w+|plummet\w*|declin\w+|degrad\w+|decreas\w+|reduced)\b|\b(?:only|just|merely|barely) (?:about |~)?\d/i;

/** Things called robust that are not learned models. */
const otherSense =
  /\b(?:median|mean|imputation|scaler|interpolation|statistics?|quantiles?|z-scores?) (?:is|are) (?:\w+ )?robust|\brobust(?:ness)?,?(?: and [\w-]+)? (?:(?:\w+ )?(?:data|api|parser|parsing|errors? (?:handling|messages?|reporting|recovery|management)|exception|code|build|builds|implementation|implementations|infrastructure|community|fallback|scaler|scaling|standard errors|covariance|statistics?|statistical|summary|baseline|evaluation|evaluations|version control|logging|regression|estimators?|mean|median|z-?score|optimization|foundation|support|tooling|testing|tests?|set of|way|choice|http|cli|server|backend|frontend|database|messaging|set-?up|workflow|versioning|documentation|type|types|handling|retry|validation|configuration|security|integration|deployment|production|architecture for|rules?|loss|pca|aggregation rule|sandwich|hyperparameter|preprocessing|tuning|split|navigation stack|benchmark|overlap|scientific|protocol|methodology|experiment\w*|comparison|engineering|pipeline that not|understanding)\b)|robust(?:scaler|mq|ify|bench|fill)|\b(?:parser|api|cookie|http|build|compile|install|serializ|unserializ|docker|server|branch|release|filename|cache|network connection|retry|thread|process crash|misspecification|heteroscedastic|regression coefficient|estimates are|bin is|operating systems|bypass|zod|csrf|xss|sql|red-black|hash table|data structure|rendering|pagination|schema|config(?:uration)? files?|token limits|time ?outs?|downtime|hardware failures?|implementations? of)\w*/i;

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
  if (
    attack.hits.some((hit) =>
      /fgsm|pgd|auto-?attack|deepfool|carlini|skip-?jump|surfree|sparse-?rs|σ|sigma|^fast|^fab|^l/.test(hit),
    )
  )
    return 'adversarial';
  if (security.count > 0) return 'security';
  if (attack.count > 0) return 'adversarial';
  const shift = occurrences(shiftWords, text);
  const corruption = occurrences(corruptionWords, text);
  if (corruption.count > shift.count) return 'corruption';
  if (shift.count > 0) return 'shift';
  if (has(stabilityWords, text)) return 'stability';
  if (context !== '') {
    if (/\badversarial(?:ly)? train/i.test(text)) return 'adversarial';
    const near = kindOf(context, '');
    if (near === 'adversarial' || near === 'stability') return near;
  }
  return 'general';
}

function hasCondition(text: string): boolean {
  return kinds.some(([, pattern]) => has(pattern, text));
}

/** How one phrase of a sentence fared: `veto` is null for a phrase that asserts a claim. */
interface Attempt {
  readonly trigger: string;
  readonly phrase: string;
  readonly veto: string | null;
}

function* attempts(sentence: Sentence, topic: Topic): Generator<Attempt> {
  const { prose } = sentence;
  if (topic === false || prose.length < 12 || prose.length > 1500) return;
  const possible = gate.scan(prose);
  if (!possible.includes(1)) return;
  const whole = sentenceVeto(sentence);
  if (whole !== null) {
    yield { trigger: 'sentence', phrase: prose, veto: whole };
    return;
  }
  const learning = topic === true || has(learningWords, prose) || hasCondition(prose);
  for (const [i, { name, pattern, need }] of triggers.entries()) {
    if (possible[i] === 0) continue;
    for (const match of prose.matchAll(pattern)) {
      const phrase = match[0];
      // A phrase of somebody else's title asserts nothing; a name in code between a verb and its figure does.
      if (phrase.includes('§') && !/\d/.test(phrase)) continue;
      const end = match.index + phrase.length;
      const tail = prose.slice(match.index, end + 160);
      // The negated or purposive verb may lie inside the phrase: look at all that stands before its last word, unless
      // the negation is the assertion ("cannot be fooled").
      const lastWord = /\S+$/.exec(phrase)?.[0].length ?? 0;
      const until = /^(?:can|guaranteed )/i.test(phrase) ? match.index : end - lastWord;
      const left = prose.slice(Math.max(0, match.index - 160), until);
      const veto =
        need === 'condition' && !hasCondition(tail)
          ? 'no condition'
          : need !== 'nothing' && !learning
            ? 'no machine learning'
            : otherSense.test(prose.slice(Math.max(0, match.index - 40), end + 50))
              ? 'other sense'
              : failure.test(phrase)
                ? 'failure'
                : phraseVeto(left, prose.slice(end, end + 160));
      yield { trigger: name, phrase, veto };
    }
  }
}

/** The claim that a sentence makes, or null. */
export function detectClaim(sentence: Sentence, topic: Topic): Detection | null {
  for (const { phrase, veto } of attempts(sentence, topic)) {
    if (veto === null) return { kind: kindOf(sentence.prose, sentence.headings.join(' | ')), phrase };
  }
  return null;
}

/** What the detector made of a sentence, for those who work on it: one line a phrase, with what spoke against it. */
export function explain(sentence: Sentence, topic: Topic): string[] {
  return [...attempts(sentence, topic)].map(
    ({ trigger, phrase, veto }) => `${veto ?? 'CLAIM'}: [${trigger}] ${phrase}`,
  );
}

/** Whether a document is about machine learning; `null` when it is too short to tell. */
export type Topic = boolean | null;

/**
 * Whether a document is about machine learning: several of its words in its sentences and headings. Software that is
 * not has parsers, interfaces and builds that are "robust" too, so in such a document nothing is a claim.
 */
export function isLearningDocument(sentences: readonly Sentence[]): Topic {
  const seen = new Set<string>();
  let count = 0;
  for (const sentence of sentences) {
    for (const match of `${sentence.headings.at(-1) ?? ''} ${sentence.plain}`.matchAll(documentWords)) {
      seen.add(match[0].toLowerCase());
      count++;
    }
    if (seen.size >= 4 && count >= 8) return true;
  }
  if (sentences.length < 8) return seen.size >= 2 ? true : null;
  return seen.size >= 2 && count >= Math.min(8, sentences.length / 8);
}

/** Words that hardly occur outside machine learning. */
const documentWords =
  /\b(?:neural|deep[- ]learning|machine[- ]learning|classifiers?|data ?sets?|trained|pre-?trained|fine-?tun\w+|adversarial(?:ly)?|pytorch|tensorflow|onnx|imagenet|cifar\S*|mnist|resnet\S*|cnns?|llms?|language models?|embeddings?|segmentation|inference|epochs?|overfitting|reinforcement learning|auc|yolo\S*|bert|gan|detectors?|robust accuracy|clean accuracy|pgd|fgsm)\b/gi;

/** A stem of every phrase that can assert robustness. */
const anyTrigger =
  /robust|resilien|resist|withst|invarian|immun|insensitiv|toler|impervious|harden|unaffected|equivarian|certif|provabl|verif|guarantee|generali|defen|protect|guard|block|thwart|neutrali|repel|counter|defeat|handl|cope|effective|recover|remov|reject|filter|surviv|mitigat|less (?:affected|sensitive|vulnerable|susceptible|prone)|perform|work|operat|function|behav|maintain|preserv|retain|keep|sustain|reliab|stable|accura|consisten|attack|evasion|clean|natural|stop/i;

/** A quick look before the parser runs: false only if `checkDocument` would find nothing. */
export function mayHoldClaims(text: string): boolean {
  if (text.includes('robustness-disable')) return true;
  if (!anyTrigger.test(text)) return false;
  // Below this a document may be too short for a topic, and every sentence is looked at.
  if (text.length < 4000) return true;
  const seen = new Set<string>();
  for (const match of text.matchAll(documentWords)) {
    seen.add(match[0].toLowerCase());
    if (seen.size >= 2) return true;
  }
  return false;
}
