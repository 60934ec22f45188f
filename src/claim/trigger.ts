import type { Pattern } from './patternSet';

/**
 * The phrases that can assert robustness, as patterns over `Sentence.prose`.
 */
/** What must be true of the sentence for a phrase to be about a learned model. */
export type Need =
  /** The phrase is enough. */
  | 'nothing'
  /** A perturbation, attack or shift is named after the phrase. */
  | 'condition'
  /** One is named anywhere in the sentence, and machine learning is spoken of. */
  | 'condition anywhere'
  /** Machine learning is spoken of in the sentence or around it. */
  | 'learning';

export interface Trigger {
  readonly name: string;
  readonly pattern: Pattern;
  readonly need: Need;
}

const quality =
  '(?:robust|resilient|resistant|immune|invariant|insensitive|tolerant|impervious|hardened|unaffected|equivariant)';
const property = '(?:robustnes+|resilience|resistance|invariance|tolerance|insensitivity|immunity)';
const towards =
  '(?:to|against|under|across|within|towards?|with respect to|w\\.r\\.t\\.?|in the (?:face|presence) of|even|by|regardless|irrespective|on|over|in)';
const strong =
  '(?:strong(?:er|ly|est)?|high(?:er|ly|est)?|better|best|great(?:er|ly)?|good|superior|excellent|outstanding|remarkabl[ey]|exceptional|improved|enhanced|increased|optimal|significant(?:ly)?|substantial(?:ly)?|large|inherent|robust|effective(?:ly)?|state-of-the-art|sota|consistent(?:ly)?|reliabl[ey]|well|impressive|near[-‑]perfect|unmatched|unprecedented|meaningful|considerable|notable|noticeable|genuine|measurable|solid|competitive|comparable|inborn|intrinsic|built-in|proven|empirical)';
const verb =
  '(?:improv(?:es?|ed|ing)|increas(?:es?|ed|ing)|enhanc(?:es?|ed|ing)|boost(?:s|ed|ing)?|strengthen(?:s|ed|ing)?|show(?:s|ed|n|ing|cas(?:es|ing))?|demonstrat(?:es?|ed|ing)|exhibit(?:s|ed|ing)?|has|have|provid(?:es?|ed|ing)|offer(?:s|ed|ing)?|achiev(?:es?|ed|ing)|ensur(?:es?|ed|ing)|guarante(?:es?|ed|eing)|yield(?:s|ed|ing)?|benefit(?:s|ed|ing)?|result(?:s|ed|ing)? in|leads? to|leading to|confirm(?:s|ed|ing)?|validat(?:es?|ed|ing)|highlight(?:s|ed|ing)?|indicat(?:es?|ed|ing)|prov(?:es?|ed|ing)|gain(?:s|ed)?|keeps?|retains?|maintain(?:s|ed|ing)?|brings?|recovered|deliver(?:s|ed|ing)?|add(?:s|ed)?|underscor(?:es?|ing)|reflect(?:s|ing)?|verif(?:ies|ied|ying)|evidenc(?:es?|ing)|promot(?:es?|ing))';
/** Up to six words of one clause. */
const filler = '(?:[^\\s.,;:|]+ ){0,6}?';
/** What may stand between an article and its noun. */
const modifiers = '(?:(?!(?:for|with|from|to|of|on|in|using|and|or|by|that|which) )[\\w-]+,? (?:and )?){0,5}?';
const modelNoun =
  '(?:models?|networks?|classifiers?|detectors?|systems?|algorithms?|methods?|approach(?:es)?|frameworks?|packages?|library|solutions?|backbones?|pipelines?|modules?|techniques?|architectures?|defen[sc]es?|agents?|watermark(?:er|s)?|polic(?:y|ies)|ensembles?|encoders?|representations?|features?|embeddings?|version|selection|learning|analysis|predictions?|matting|registration|odometry|segmentation|detection|recognition|estimation|tracking|classification|generalization|performance|navigation|localization|inference|reasoning|forecasting|reconstruction|retrieval|matching|fusion|control|planning|grasping|manipulation|clustering|watermarking|transcription|perception|mapping|slam|locomotion|gaits?|predictors?|recogni[sz]ers?|trackers?|segmenters?|learners?|results|conclusions|decisions|answers|responses|outputs|estimates)(?! (?:training|evaluation|development|selection|building|deployment|comparison|validation|design|checkpoints?|forward|backend|abstraction|gradient|engine|layer))';
const attackWord =
  '(?:attacks?|fgsm|(?:a|t)?pgd\\S*|auto-?attack|perturbations?|linf|eps(?:ilon)?|ε|l-?inf\\w*|ℓ\\S*|adversar\\w+|corruptions?|noise|shifts?)';
const percentage = '\\d[\\d.]*\\s?\\\\?(?:%|percent|pp\\b)';

/** Up to so many characters of one sentence; the point of a decimal does not end it. */
const gap = (most: number) => `(?:[^.;|]|\\.\\d){0,${most}}`;

const make = (name: string, need: Need, ...parts: string[]): Trigger => ({
  name,
  need,
  pattern: { source: `(?<![\\p{L}\\d])(?:${parts.join('|')})(?![\\p{L}\\d])`, flags: 'giu' },
});

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
    '(?:verified|certified)(?: \\(\\w+\\))? (?:error|accuracy) (?:of|on|at)(?! (?:least|most)\\b(?! (?:about )?[\\d.]))',
    `(?:is|are) (?:certified|verified) (?:to be )?(?:robust|${towards})`,
    `${verb} ${filler}(?:certified|verified|provable) (?:robustness|accuracy|robust accuracy|error)`,
    `certified (?:adversarial )?robustness (?:of|at|in|within)`,
    `(?:higher|better|improved|superior|state-of-the-art) (?:certified|provable|verified) (?:accurac\\w+|robustness|radii)`,
    `${verb} (?:[\\w-]+,? ){0,6}?(?:provable|certified) (?:robustness )?guarantees?`,
    'with (?:[\\w-]+,? ){0,3}?(?:provable|certified) robustness guarantees?',
    `enabl(?:es?|ed|ing) ${filler}(?:provable|certified|formal) (?:robustness )?guarantees?`,
    `(?:certified|verified) (?:robust )?accuracy ${gap(20)}(?:is|reaches|stays at|=|:) ?[\\d.]+`,
    `(?:certified|verified) error ${gap(20)}(?:drops?|falls?|is|decreases?) (?:to )?(?:about )?\\d`,
    `(?:radius|radii|ball|perturbations?|robustness) ${gap(40)}(?:is|are) (?:\\w+ )?(?:certified|verified|proven|guaranteed)`,
  ),
  make(
    'quality to',
    'condition',
    `(?:\\w+-)?${quality} (?:even |enough |also |both |and \\w+ )?${towards}`,
    `(?:\\w+-)?${quality} (?!accuracy|overfitting)(?:${modelNoun}) ${towards}`,
    `less (?:affected|sensitive|vulnerable|susceptible|prone) (?:by|to)`,
  ),
  make(
    'quality to anything',
    'learning',
    `(?:robust|resilient|insensitive|(?:train|learn|design|encourag|forc|regulari[sz])\\w* (?:\\w+ ){0,3}invariant|less (?:sensitive|vulnerable|susceptible|prone|brittle)) (?:to|against)(?! (?:use|run|work|fit|process|learn)\\b)`,
    'robust enough (?:to|for)',
    '(?:difficult|hard|impossible|harder) to (?:spoof|fool|evade|bypass|jailbreak|trick|deceive|circumvent|poison)',
    'robust (?:at|when|while|in) [\\w-]+ing\\b',
    '(?<=\\b(?:highly|very|more|remarkably|particularly|extremely) )robust for [\\w-]+ing\\b',
    'robust across',
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
    `(?:improv|increas|enhanc|boost|rais)(?:es?|ed|ing|s) (?:the )?(?:robust|adversarial) accurac(?:y|ies)`,
    `(?:outperforms?|surpass(?:es)?|improv(?:es?|ed) (?:on|upon|over)|exceeds?) ${gap(100)}robustness`,
    `(?:restor|improv|increas|rais|boost|recover)(?:es?|ed|s) ${gap(40)}(?:robustness|(?:robust|adversarial) accuracy) (?:under [\\w-]+ )?(?:from|by) [~≈*]{0,3}\\d[\\d.]*`,
    '(?:perform|work|operat|function|behav)(?:s|es)? (?:reliably|robustly)',
    `robust accuracy of (?:about |around |over |at least )?\\*{0,2}${percentage}`,
    `${verb} ${filler}(?:\\w+[- ])?(?:robustnes+|resilience)`,
    `${strong} (?:\\w+ ){0,2}(?:robustnes+|resilience)`,
    `(?:improvements?|gains?|benefits?|increase|boost)s? (?:in|to|of) ${filler}(?:\\w+[- ])?(?:robustnes+|resilience)`,
    `robustness[^.;|]{0,12}\\(?[~≈]?\\d[\\d.]*%? under`,
    `(?:recovered|gained|\\+\\d[\\d.]*\\s?%) [^.;|]{0,40}robustness`,
  ),
  make(
    'resists',
    'condition',
    '(?:resist|withstand|block|thwart|repel|counter|defeat|intercept)(?:s|ed|ing)?',
    '(?:tolerat|surviv|mitigat|neutrali[sz])(?:es?|ed|ing)',
    '(?:prevents|prevented|stops|stopped) (?:[\\w-]+ ){0,2}?(?:(?:adversarial|evasion|spoofing|poisoning|backdoor|replay|injection|jailbreak) attacks?|injections?|jailbreaks?|poisoning|spoofing|tampering)',
    '(?<=(?:guardrails|filters|defen[sc]es|layers|safeguards|detectors) )(?:prevent|stop) (?:[\\w-]+ ){0,2}?(?:(?:adversarial|evasion|spoofing|poisoning|backdoor|replay|injection|jailbreak) attacks?|injections?|jailbreaks?|poisoning|spoofing|tampering)',
    `(?:${verb}|implements?|includes?) ${filler}(?:protection|defen[sc]es?|safeguards?|immunity) (?:against|from)`,
    '(?:defend|protect|guard|secur)(?:s|es|ing|ed)? (?:[\\w()-]+ ){0,6}?(?:against|from)',
    'handles?(?: \\w+)?',
    'copes? with',
    '(?:handl|process|recogni[sz])(?:es?|ing) [^.;]{0,60}\\b(?:well|effectively|robustly|reliably)',
    `^[^\\p{L}]*(?:[^:：.]{2,40}[:：] +)?(?:[\\w-]+ ){0,2}(?:protection|safeguards?|resistance) (?:against|to)`,
    'effective(?:ness)? (?:[\\w-]+ ){0,4}?(?:against|under|even)',
    '(?:recovers?|removes?|rejects?|filters?) (?:the )?(?:adversarial|malicious)',
    '(?:our|this|novel|new|proposed) (?:[\\w-]+ ){0,2}defen[sc]e (?:against|to)',
    'generali[sz]es? to',
    `(?:propos|introduc|present|provid|us|build|offer|develop|train|releas)(?:es?|s|ed|ing|e)? ${modifiers}(?:adversarial(?:ly)?|attack|noise|occlusion|weather|byzantine|shift|domain|illumination|scale|rotation|pose)[- ](?:robust|resilient|resistant|invariant|tolerant)`,
    `(?:adversarial|attack|noise|occlusion|weather|illumination|rotation|pose)(?:-attack)?[- ](?:robust|resilient|resistant|invariant|tolerant) ${modelNoun}`,
    '^\\W*[\\w-]+[- ]attack (?:robust|resilient|resistant) ',
  ),
  make(
    'little harm',
    'condition anywhere',
    "(?:hardly|barely|scarcely|(?:do|does)(?: not|n['’]t)) (?:affect|harm|hurt|degrade|impair|change|confuse|fool|disturb|break)s? (?:the |its |our |their )?(?:[\\w-]+ )?(?:predictions?|accuracy|performance|results?|models?|networks?|classifiers?|detectors?|quality|outputs?)",
    '(?:hardly|barely|scarcely|little|minimally|not|un)[- ]?(?:affected|impacted|influenced|disturbed|degraded|harmed) by',
    `(?:los(?:es|ing)|drops?|degrades?|declines?|decreases?) (?:by )?(?:only|less than|no more than|merely|just|at most|under) (?:about )?(?:an?|one|two|three|half|\\d[\\d.]*)`,
    `(?:fools?|breaks?|flips?|evades?|bypass(?:es)?|succeeds?) ${gap(40)}(?:only|merely|just|no more than|at most|less than|fewer than) (?:about )?\\d[\\d.]*`,
    `(?:reduc|decreas|drop|lower|cut|bring|suppress)(?:s|es|ed|ing|e|p(?:s|ed|ing))? (?:[\\w-]+ ){0,4}?(?:(?:attack|evasion|injection|jailbreak) success(?: rate)?|evasion|asr|success rates? of (?:[\\w-]+ )?attacks?|evasion rates?)\\b${gap(60)}\\d[\\d.]*`,
    `(?:higher|best|highest|improv(?:es?|ed|ing)|increas(?:es?|ed|ing)|rais(?:es?|ed|ing)|achiev(?:es?|ed|ing)|reach(?:es|ed|ing)?) ${gap(60)}defen[sc]e success rate`,
    '(?:substantially|significantly|greatly|dramatically|effectively|consistently|markedly) (?:reduc|lower|decreas|cut|mitigat)(?:e|es|ed|s|ing)? (?:[\\w-]+ ){0,3}?(?:attack|jailbreak|injection|evasion|backdoor)s?(?: success(?: rates?)?)?',
    `(?:outperform|surpass|exceed)(?:s|ed|ing)? (?:[\\w-]+ ){0,4}?defen[sc]es`,
    '(?:minimal|low|lower|lowest|near-zero) (?:attack|evasion|injection|backdoor|jailbreak) (?:success(?: rates?)?|accuracy)',
    'less likely to (?:be (?:fooled|misled|tricked|jailbroken|manipulated|evaded)|output|produce|generate|follow|comply|leak|fail|misclassify|break)',
    `(?:drop|gap|degradation|loss) ${gap(40)}(?:shrinks?|narrows?|closes|is (?:only|just|reduced|halved))`,
    `(?:(?:attacks?|attackers?|injections?|jailbreaks?|(?:malicious|adversarial|poisoned) \\w+) (?:\\w+ ){0,2}(?:fails? (?:against|on)|(?:are|is|get) (?:\\w+ )?(?:blocked|filtered|stopped|thwarted|neutrali[sz]ed|rejected|repelled|defeated|mitigated)))`,
  ),
  make(
    'blocks them',
    'nothing',
    `(?:holds?|keeps?|retains?|maintains?|reaches|achieves?|gets?) ${gap(30)}${percentage}${gap(30)}(?:at|under|within) (?:the|this|that) same (?:budget|attacks?|ε|epsilon|radius|perturbations?|threat|corruptions?|noise|severity)`,
    `(?:improv|increas|enhanc|boost)(?:es?|ed|s) (?:[\\w-]+ )?robustness by (?:about |around |up to )?[~≈]?\\d[\\d.]*`,
    '(?<=(?:injection|jailbreak|backdoor|spoof|poison|adversarial)[^.;]{0,120}and )(?:blocks?|stops?|rejects?|neutrali[sz]es?) (?:them|these|it)',
  ),
  make(
    'generalises',
    'condition',
    `outperform\\w* ${gap(80)}generali[sz]ing`,
    `generali[sz](?:e|es|ed|ing) (?:\\w+ )?(?:well|strongly|better|best|effectively|robustly|reliably|remarkably|across|to|on)`,
    `(?:better|best|well|strongly|robustly) generali[sz]es?`,
    `(?:${strong}|${verb}) ${filler}generali[sz](?:ation|ability)`,
  ),
  make(
    'generalises to',
    'learning',
    'generali[sz](?:es|ed) (?:well )?across',
    'robust(?:ly)? generali[sz](?:ation|ability|es|ing)(?! (?:criteri|test|benchmark|evaluation|gap|bound))',
    `${strong} generali[sz](?:ation|ability) (?:to|across)(?! (?:the |a )?(?:(?:new|unseen|novel|test|testing|held-out|validation|future|other|real-world)[- ]?)*(?:data|samples?|examples?|sets?|images?|inputs?|instances?|observations?|points?|cases)\\b)`,
  ),
  make(
    'keeps working',
    'condition',
    '(?:perform|work|operate|function|behave)s?(?:ed)? (?:\\w+ )?(?:well|reliably|effectively|consistently|robustly|better|accurately)',
    `(?:maintain|preserv|retain|keep|sustain)(?:s|ed|ing|es)? ${filler}(?:accuracy|performance|reliability|predictions?|quality|detection|stability|robustness)`,
    '(?:stays?|remains?|is|are) (?:\\w+ ){0,2}(?:reliable|stable|accurate|consistent|effective|functional|secure|intact|correct|unchanged|usable) (?:\\w+ )?(?:under|across|even|in|at|against|over|when|with|despite)',
    '(?:keeps?|continues? (?:to )?) ?(?:work|perform|function|operat)\\w* (?:\\w+ )?(?:in|under|with|despite|when|even|on|at)',
    '(?<=\\b(?:recogni[sz]|detect|identif|captur|classif|track|transcrib|locali[sz]|segment|predict|understand|read)\\w* [^.;]{0,80})even (?:in|under|with|when|at)',
    '(?:zero-shot|successful(?:ly)?|reliabl[ey]|robust(?:ly)?) (?:[\\w-]+ ){0,2}?transfers?(?:red)?(?= (?:to|from|on|for|across|onto|into)\\b)',
    'equally (?:well|accurate|good|reliable|effective)',
    `${strong} (?:ood|out-of-(?:distribution|domain)|cross-\\w+|zero-shot|adversarial|corrupted|noisy|low-light|worst-case)[- ](?:\\w+ )?(?:performance|accuracy|generali[sz]ation|results)`,
    '(?<=[\\w%)] |, )(?:regardless|irrespective|independently) of',
    '(?:no matter|whatever) (?:the|how|which|what)',
    '(?:consistent|stable) across',
    `${percentage}${gap(30)}(?:improvement|reduction|gain|better|fewer)${gap(30)} (?:in|under|on|with)`,
    'lets? (?:the )?(?:model|network|classifier|detector)s? (?:cope|work|survive)',
    `(?!robust(?:\\*\\*)? accuracy)${strong} ${filler}(?:performance|accuracy|results|gains?|detection|predictions|estimates|outputs) (?:\\w+ ){0,6}?(?:on|under|across|in|against)(?!-)`,
    '(?:performance|accuracy) (?:gains?|improvements?) (?:[\\w-]+ ){0,8}?(?:on|under|across)',
    `${verb} ${filler}(?:ood|out-of-(?:distribution|domain)|cross-(?:domain|dataset)|corrupted|adversarial|robust) (?:accuracy|performance|generali[sz]ation)`,
    'reliably',
    'works? (?:regardless|even|under|in)',
    '(?:least|smallest|minimal|little|without much) (?:accuracy|performance) (?:drop|loss|degradation)',
    `(?:has|have|with|keeps?|retains?|achiev(?:es?|ed|ing)|reach(?:es|ed|ing)?|maintains?|holds?|scores?|classif(?:y|ies)|withstands?|gets?|still) ${gap(40)}${percentage}${gap(70)}(?:under|against|at|within|to) ${gap(60)}${attackWord}`,
    `(?:has|have|keeps?|retains?|achiev(?:es?|ed)|reach(?:es|ed)?|gets?|obtains?) ${gap(60)}${percentage} (?:adversarial|robust) accurac(?:y|ies)`,
    `robust (?:test )?accuracy (?:of|is|:|=|at|reaches|stays at|remains)? ?(?:about |around |over |at least )?\\*{0,2}${percentage}`,
    `(?:under|against|after) ${gap(40)}${attackWord}${gap(40)}?(?:keeps?|retains?|has|have|achieves?|reaches|maintains?|accuracy:?|classif(?:y|ies)|holds?|scores?|gets?) ${gap(30)}${percentage}`,
    `(?:reward|score) (?:of|over) ${gap(30)}even under`,
    `(?:clean|natural) (?:accuracy )?≈? ?[\\d.]+%?${gap(30)}(?:pgd|fgsm|autoattack|robust)\\S* ?≈? ?[\\d.]+`,
  ),
  make(
    'bare robust',
    'learning',
    `(?:is|are|be|being|becomes?|proved|remains?|stays?) (?:to be )?(?:[\\w-]+,? ){0,3}?robust(?: and [\\w-]+)?(?=[,.;:!]|$| and| in\\b| as\\b| agent)`,
    `(?:is|are|as) (?:an? |the )?${modifiers}(?:[\\w-]+-)?robust,? (?:and )?${modifiers}${modelNoun}`,
    `^[^\\p{L}]*(?:[^:：.]{2,40}[:：] +)?(?:an? |the )?${modifiers}(?:[\\w-]+-)?(?:robust|resilient),? (?:and |& )?${modifiers}${modelNoun}`,
    `(?:provid|offer|present|perform|implement|propos|introduc|us|deliver|achiev|ensur|enabl|train|produc|yield|learn|indicat|giv|allow|guarante|ship|form|construct|creat|build|mak|releas|contribut|featur|generat)(?:es?|s|ed|ing|eing|e)? (?:us )?${modifiers}(?:[\\w-]+-)?(?:robust|resilient)\\*{0,2},? (?:and )?${modifiers}${modelNoun}`,
    `(?:combines|uses|employs|leverages|integrates|works|combining) [^.;]{3,80}? for (?:more )?robust ${modifiers}${modelNoun}`,
    `(?:allow(?:s|ing|ed)? for|enabl(?:es|ing)) ${modifiers}robust,? (?:and )?${modifiers}${modelNoun}`,
    `an? ${modifiers}robust ${modifiers}${modelNoun} [^.;]{0,60}?is (?:proposed|presented|introduced|developed)`,
    `ensur(?:es?|ing) ${modifiers}robust`,
    `(?:design|buil|develop|train|optimi[sz]|tun|engineer|propos|present|introduc|method|approach|framework|model|system|network|architecture|algorithm|solution|pipeline|modalit|module)\\w* (?:[\\w-]+ ){0,4}?for (?:fast |reliable |accurate |real-time |more )?(?:and )?robust ${modifiers}${modelNoun}`,
    'most (?:[\\w-]+, (?:and )?){0,4}?robust',
    '^\\W*(?:very|highly|extremely|more|remarkably) robust(?:,? (?:and|&) [\\w-]+)?(?=\\W*$)',
    '(?:show|exhibit|reveal|demonstrat|display)(?:s|es|ed|ing)? (?:\\w+ )?graceful(?:ly)? degrad(?:ation|ing)',
    '(?:find|finds|found|show|shows|shown|prove[sdn]?) (?:[\\w-]+ ){1,4}?to be (?:[\\w-]+ ){0,2}?robust',
    '(?:outperform|surpass|exceed)(?:s|ed|ing)? (?:[^.;|]|\\.\\d){0,90}?\\bin (?:terms of )?(?:\\w+ )?(?:adversarial|robust|certified|ood|out-of-distribution) (?:accuracy|robustness|performance)',
    `(?:backbone|encoder|extractor|foundation model|resnet|transformer|attention|cnn|yolo|efficientnet|bert|u-?net|lstm)[\\w-]*\\b(?:[^.;|:]|\\.\\d){0,70}? for (?:more )?robust ${modifiers}(?:${modelNoun}|feature extraction|representation)`,
    `(?:indicat|demonstrat|show|highlight|confirm|suggest|ensur|enabl|provid|achiev)(?:s|es|ing) (?:\\w+ )?robust handling of`,
    'robust feature extraction(?! (?:pipelines?|methods|techniques|and selection techniques))',
    '(?:is|are|becomes?|remains?|proves?) (?:\\w+ ){0,2}(?:more|as|equally) (?:[\\w-]+,? (?:and )?){0,3}?robust\\*{0,2}(?: and [\\w-]+)? (?:than|as|on|under)',
    `(?<!(?:can|may|could|might|would) )(?:(?:leads?|leading) to|(?:results?|resulting) in) ${modifiers}robust,? (?:and )?${modifiers}${modelNoun}`,
    'capable of training a robust',
    'trained (?:on \\w+ )?to be robust',
    `mak(?:es?|ing) (?:the |our |this )?${modifiers}${modelNoun} (?:\\w+ )?(?:robust|resilient)`,
    'mak(?:es?|ing) (?:it|them|these|this) (?:\\w+ ){0,3}?(?:robust|resilient)(?: and [\\w-]+)?(?= (?:in|for|under|across)\\b|[,.;]|$)',
    '(?:learn|extract|produc|yield|obtain|captur)(?:s|es|ed|ing)? (?:[\\w-]+ ){0,3}?(?:domain|pose|view(?:point)?|illumination|noise|style|subject|speaker|lighting|scale|scanner)-(?:invariant|robust|agnostic) (?:features?|representations?|embeddings?)',
    "can(?:not|['’]t| not) be (?:fooled|deceived|tricked|spoofed|evaded|jailbroken|hijacked|poisoned)",
    '(?:is|are) (?:\\w+ )?(?:scale|rotation|translation|noise|illumination|viewpoint|domain)-(?:invariant|robust|agnostic)',
    'robustly',
    '^yes\\b[^.]{0,20}(?:works?|robust|regardless)[^.]{0,40}',
    `^[^\\p{L}]*(?:[\\w-]+ )?robust(?:ness)?(?: and [\\w-]+)? (?:model|to|against)`,
    'robust and generali[sz]able',
    'guaranteed convergence for [^.;]{0,40}robust',
    '(?<!be )(?:secure|reliable),? (?:and )?robust (?:[\\w-]+ ){0,3}(?:model|classifier|detector)s?',
  ),
];
