/**
 * Whether the clause in which a phrase stands asserts it: negation, modality, purpose and study take it back, each within the
 * clause alone.
 */
import { PatternSet } from './patternSet';

/** What begins a clause with a subject and a modality of its own. */
const boundary =
  /[;]|:(?= )|(?<=\s)[—–-](?=\s)|,? \b(?:but|yet|whereas|although|though|however|while)\b|, (?:and |so |thus |hence |thereby |therefore )?(?:that|it|this|these|they|our|we|the (?:model|method|system|network|approach|proposed|resulting|results?))\b|, (?:and )?(?:thus|thereby|hence|therefore|so)\b|,? and (?:that|it|this|these|we|our|thereby|thus|hence|is|are|was|were|remains?|stays?|becomes?|shows?|achieves?|provides?|generali[sz]es?|works|handles|performs|operates|keeps|maintains|withstands|resists|tolerates|can)\b|, (?:\w+ly )?(?:show|demonstrat|achiev|reach|indicat|prov|confirm|highlight|underlin|suggest|yield|provid|offer|lead|result|ensur|guarantee|mak)ing\b|,? (?:show|demonstrate|indicate|suggest|confirm|find|found|reveal|prove|verify|observe)(?:s|d|ed)? that\b/giu;

/** The end of `left` that belongs to the clause of what follows it. */
export function clauseOf(left: string): string {
  let start = 0;
  for (const match of left.matchAll(boundary)) start = match.index + match[0].length;
  return left.slice(start);
}

const negation =
  /(?:\b(?:not(?! only| just| merely| an? arte)|(?<!guaranteed that |guaranteed )no (?!matter)(?=\w+ )|never|neither|nor|cannot|can['’]t|without|lack(?:s|ing|ed)?(?: of)?|(?:close|next)[- ]to[- ](?:zero|no)|(?:near[- ]|virtually )?zero(?!-shot|[- ]day)|little|negligible|scant|(?<!with |at )marginal|questionable|fail(?:s|ed|ing)?|unable|insufficient\w*|limited(?! (?:\w+ )?(?:data|images?|inputs?|labels?|samples?|examples?|conditions?|quality|video|signals?|audio|text|scans?|light\w*|lit|visibility|weather|scen\w+|cases|tasks|terrain|environments?|resolution|precision|supervision|training data|views?|frames?|speech|recordings?)\b)|struggl\w+|hardly|unlikely|less(?! (?:affected|sensitive|prone|susceptible|vulnerable))|fewer|loses?|lost|hurts?|degrad\w+(?! (?:\w+ )?(?:data|images?|inputs?|labels?|samples?|examples?|conditions?|quality|video|signals?|audio|text|scans?|light\w*|lit|visibility|weather|scen\w+|cases|tasks|terrain|environments?|resolution|precision|supervision|training data|views?|frames?|speech|recordings?)\b)|reduc\w+(?! (?:data|images?|inputs?|labels?|samples?|examples?|conditions?|quality|video|signals?|audio|text|scans?|light\w*|lit|visibility|weather|scen\w+|cases|tasks|terrain|environments?|resolution|precision|supervision|training data|views?|frames?|speech|recordings?)\b)|decreas\w+|worse|poor(?:ly)?(?! (?:data|images?|inputs?|labels?|samples?|examples?|conditions?|quality|video|signals?|audio|text|scans?|light\w*|lit|visibility|weather|scen\w+|cases|tasks|terrain|environments?|resolution|precision|supervision|training data|views?|frames?|speech|recordings?)\b)|badly|vulnerab\w+|(?<!less )(?:brittle|fragile)|unclear|overstate|under(?:mine|perform)\w*|difficult\w*(?! (?:data|images?|inputs?|labels?|samples?|examples?|conditions?|quality|video|signals?|audio|text|scans?|light\w*|lit|visibility|weather|scen\w+|cases|tasks|terrain|environments?|resolution|precision|supervision|training data|views?|frames?|speech|recordings?)\b)|hard to|at the (?:cost|expense) of|trade-?off|no longer|unlike(?= [\w-]+ ?$)|instead of|rather than|as opposed to|absence of|devoid of|far from|anything but)|n['’]t|\bnon-(?!iid|linear|trivial|rigid|differentiable|stationary))\b[^.;:,)]{0,60}$/i;

const hypothetical =
  /(?:\b(?:may|might|could|would|must|assum(?:es?|ed|ing)|needs? to|ought to|if|whenever|unless|whether|how|wants? to|(?:you|we|one|they|users|people) (?:always |also |usually |often )?(?:want|need|wish for|look for|prefer)\b|trying to|hope(?:s|fully)?|should (?:always |also |ideally )?(?!be\b|still\b|remain\b|generali|hold\b|transfer\b)\w+|requir(?:e[sd]?|ing)|desir\w+|ideally|potential(?:ly)?|promis\w+|once(?! (?:trained|deployed)))\b)[^.;:]{0,90}$|\bshould $/i;

const purposeStem =
  '(?:improv|enhanc|increas|strengthen|boost|promot|evaluat|assess|test|measur|stud|build|develop|creat|investigat|explor|verif|validat|understand|check|gaug|advanc|encourag|maximi[sz]|benchmark|analy[sz]|compar|reach|obtain|facilitat|bolster|foster|support|ascertain|quantif|calibrat|find|optimi[sz]|judg|determin|generat)';
/** "to improve robustness", "for training more robust models": what somebody wants, unless they are said to be able to. */
const purpose = new RegExp(
  `(?:(?<!\\b(?:able|shown|shows|proven|proved|found|known|demonstrated|likely|expected|designed|tuned|seen|continues?|tends?|allow|allows|allowing|enables?|enabling|us|model|network|agent|it|thanks|due|owing) )\\b(?:to|helps?) (?:\\w+ly )?(?:further )?(?:${purposeStem}(?:e|y|ise|ize)?|train|learn|see|know|get|design|make)|\\b(?:for|in|of|towards?|on|at|through|when|while|useful for(?: training)?) (?:\\w+ly )?(?:the )?${purposeStem}(?:y?ing|ening)|\\b(?:to|helps?) [^.;:,]{3,40} and (?:\\w+ly )?${purposeStem}(?:e|y|ise|ize)?)\\b[^.;:]{0,90}$`,
  'iu',
);
/** A sentence that begins with the activity: "Improving robustness to noise". */
const toBegin = new RegExp(`^[^\\p{L}]*(?:[^:.]{2,50}: )?${purposeStem}(?:y?ing|ening)\\b[^.;:]{0,90}$`, 'iu');

/** "This tutorial covers how to train a network, craft examples, and make it robust". */
const taught =
  /\b(?:tutorial|guide|notebook|example|section|chapter|lesson|course|lab|workshop|video|post|page|readme|exercise|repo(?:sitory)?|walkthrough)s?\b[^.;]{0,40}\b(?:how to|covers?|teach(?:es)?|walks?|explains?|learn)\b[^.;]{0,140}$/i;

const study =
  /(?<!\b(?:when|as|if|is|are|was|were) )\b(?!compared (?:with|to)\b)(?:shows? (?:the|how)(?= robustness)|investigat|explor|evaluat|assess|examin|analy[sz]|benchmark|measur|quantif|address|discuss|focus|stud|compar|consider|concern|chosen|selected|ranked|sorted|based on|according to|(?<!(?:outperform|surpass|better|improv|gain|superior|exceed)[^.;]{0,90})in terms of|explain|understand|characteri[sz]|comput|calculat|highlight the (?:need|importance)|problem of|role of|importance of|challenge of|(?<!the |held-out |unseen |of )tests?(?! (?:images?|set|data|accuracy|examples|samples|split|time|errors?|digits)))(?:e|es|s|ed|ing|ies|y|ying|ses)?\b(?! (?:on|with|using|against|by|under|to|over)\b)(?! (?:show|demonstrat|confirm|reveal|indicat))[^.;:,]{0,60}$/i;

/** What takes a statement of robustness back. */
const reversal =
  /^[^.;]{0,70}\b(?:but|yet|while|however,?) (?:\w+ ){0,3}?(?:vulnerable|fragile|sensitive|brittle|susceptible|fails?|falls? to|not (?:\w+ ){0,3}(?:robust|resistant|immune|resilient|invariant|generali[sz]\w*|reliable|secure|survive|withstand|hold))\b/i;

const modal = /\b(?:may|might|could|would|should|must|need(?:s|ed)? to|to)\b/i;

/** What the reader is to see to. */
const advice =
  /\b(?:ensure|ensuring|make sure|making sure|check|verify|confirm|see|prove|know|test|tell|show)\w*(?: \w+){0,2} (?:your|that your|if your|whether)\b[^.;:]{0,60}$|\b(?:important|essential|crucial|critical|necessary|needed|recommended|required|must|should|need|vital|you|key)\b[^.;]{0,60}\b(?:to ensure|ensuring|to make sure) (?:that )?(?:the|a) (?:[\w-]+ )?(?:model|classifier|network)s? (?:is|are|remains?)\b[^.;:]{0,30}$/i;

/** "Our numbers do not replicate the finding that ...". */
const unconfirmed =
  /\b(?:(?:do|does|did|could|can)(?: not|n['’]t)|cannot|fail(?:s|ed)? to|unable to) (?:\w+ )?(?:replicate|reproduce|confirm|support|corroborate|verify|observe|find)\b(?:[^.;]|\.\d){0,100}$/i;
/** Words of others, as words: a text stating "the model is robust". */
const quoted =
  /\b(?:stat(?:es|ed|ing)|say(?:s|ing)|said|claim(?:s|ed|ing)|read(?:s|ing)|wrote|writes|writing|labell?ed|called|titled|entitled|named|phrase|wording|slogan|headline)[:,]? ["“«][^"”»]{0,120}$/i;
/**
 * "Models that are robust to noise tend to be larger" says something of such models, whichever they are: a plural without an article, told
 * apart by the phrase, with a verb of its own after it.
 */
const kindOfThing =
  /(?:^\P{L}*|[,:;] |\b(?:that|and|but|show|shows|find|found|because|since|while|whereas|several|many|most|some|common|existing) )(?:(?!(?:the|our|these|this|we|a|an|its|their|of|propose\w*|present\w*|develop\w*|introduc\w*|train\w*|provid\w*|produc\w*|yield\w*|learn\w*|obtain\w*|build\w*|giv\w*) )[\p{L}-]+ ){0,4}[\p{L}-]+s (?:that|which)(?: (?:are|is|were|can|have|improve|increase|enhance|show|provide|offer|achieve))?(?: [\p{L}-]+){0,2}\s*$/iu;
const itsVerb =
  /^[^.;,:]{0,60}\b(?:exhibit|tend|perform|have|are|were|may|can|often|usually|typically|also|generally|rely|require|need|fail|show|suffer|remain|still|cost|use|learn|come)\b/i;

/** What is thought, wished or questioned. */
const thought = /\b(?:statement|assumption|idea|notion|hypothesis|claim|belief|requirement) that\b[^.;:]{0,60}$/i;
const noEvidence =
  /\b(?:no|little) (?:clear )?(?:guidance|evidence|consensus|understanding|indication|proof)\b[^.;]{0,140}$/i;
/** Methods as they are in general. */
const inGeneral =
  /\b(?<!\b(?:our|these|such|proposed) (?:\w+ )?)(?:approaches|methods|models|techniques|networks|defen[sc]es|algorithms|systems)(?: (?:of|from|in|with) (?:\w+ ){1,3}?)? ?(?:generally|usually|typically|often|commonly|tend to)\b[^.;]{0,40}$/i;
/** The activity, not its result: "Training models that are robust". */
const making =
  /^\W*(?:[^:.]{2,40}: +)?(?:training|designing|developing|building|creating|making|learning|constructing|engineering) (?:[\w-]+ ){1,6}(?:to be|to become|that (?:is|are)|which (?:is|are))?\s*(?:more |highly )?$/i;
/** A clause that tells somebody to show something: "Table 4: show that the encoder generalizes". */
const order =
  /[;:] (?:show|verify|check|validate|test|prove|assess|evaluate|confirm|make sure|argue|explain) [^.;:]{0,80}$/i;
/** A remark between quotation marks. */
const remark = /(?:^|[:,—–-]) ?["“][^"”]{0,120}$/;
/** "Makes models robust": whichever they are. */
const anyModels =
  /\bmak(?:e|es|ing) (?:(?:ml|ai|deep|machine learning|learned|neural) )?(?:models|networks|classifiers)\s*(?:more |highly )?(?:robust |resilient |resistant )?$/i;
/** The strength of an attack: "the generalization of adversarial hubs". */
const ofAttack =
  /^ ?(?:(?:abilit(?:y|ies)|capabilit(?:y|ies)|power) )?of (?:the |our |these |such |this )?(?:(?:proposed|generated|crafted) )?(?:adversarial (?!train|defen|robust|learn)\w+|attacks?|back-?doors?|triggers?|poison\w*|malicious \w+|jailbreaks?|injections?)\b/i;
const need = /\b(?:importance|need|necessity) (?:of|for)\b[^.;]{0,140}$/i;
const forBetter =
  /\bfor (?:\w+ly )?(?:improved|enhanced|increased|better|greater|stronger|higher|more)\b[^.;:]{0,40}$/i;
const bareBe = /(?<!\b(?:to|will|can|would|could|should|may|might|must|'ll|not) (?:\w+ )?)\bbe (?:\w+ ){0,2}$/i;
const where = /\b(?:where|wherever|as soon as|as long as) (?:the |a |its |their )?$/i;
const threshold = /^\s?\\?%? or (?:less|more|below|above|fewer|better|worse)\b/i;
const lacking =
  /^[^.;,]{0,60}\b(?:is|are|remains?) (?:still |rather |quite |very |often )?(?:limited|unclear|unknown|poor|weak|questionable|insufficient|lacking|unexplored|understudied)\b/i;
/** An attack that is robust. */
const attackIs =
  /\b(?:adversarial (?:examples?|patch(?:es)?|perturbations?)|attacks?|back-?doors?|triggers?) (?:is|are|remains?|stays?|becomes?)(?: \w+){0,3}\s*$/i;
const wouldHelp =
  /^[^.;]{0,60}\b(?:would|could|might) (?:\w+ly )?(?:strengthen|help|be|add|make|allow|require|need)\b/i;
/** "Robustness to noise is essential." */
const matters =
  /^[^.;]{0,60}\b(?:is|are|remains?|(?:has|have) become|becomes?) (?:\w+ )?(?:essential|crucial|important|critical|vital|needed|necessary|required|desirable|desired|paramount|challenging|difficult|hard|key|indispensable)\b/i;
const attackWorks =
  /\b(?:patch(?:es)?|perturbations?|attacks?|triggers?|back-?doors?|stickers?) (?:works? |performs? |functions? |remains? |stays? )?(?:\w+ly )?$/i;
const nothing = /^\W{0,3}(?:no|neither|nothing)\b(?! matter)/i;
const once = /^[^.;]{0,80}\b(?:once (?:the|we|it|all|this)|as soon as)\b/i;
const couldBeMade =
  /\b(?:can|could|may|might) be (?:made|rendered|turned|trained to be|designed to be) (?:\w+ ){0,5}$/i;
const canMake =
  /\b(?:we|you|one|they) can (?:then |also )?(?:train|learn|build|develop|create|obtain|get|make|design)\b[^.;]{0,60}$/i;
const lossOf =
  /\b(?:decline|drop|loss|decrease|reduction|degradation|fall|lack|erosion|absence) (?:of|in) (?:the |its |their )?(?:\w+ )?$/i;
const poorly = /^ ?(?:\w+ ){0,4}(?:poorly|badly|perform worse|is (?:often )?poor)\b/i;
const usefulFor =
  /(?:useful|helpful|suitable|pivotal|vital|fundamental|instrumental|prerequisite|important|essential|crucial|needed|necessary|critical|key) (?:for|to|in)\b[^.;:]{0,60}$/i;
const forExample = /\b(?:e\.?g|i\.?e)\.?,? (?!\w+ing\b)(?!(?:the|our|this|these) )[^)]{0,60}$/i;

/** Few sentences share words with many of these: what could not match is neither compiled nor tried. */
const ofWhole = new PatternSet([
  order,
  toBegin,
  advice,
  unconfirmed,
  quoted,
  kindOfThing,
  taught,
  modal,
  thought,
  noEvidence,
  need,
  couldBeMade,
  canMake,
]);
const ofClause = new PatternSet([
  negation,
  hypothetical,
  purpose,
  study,
  inGeneral,
  making,
  forBetter,
  bareBe,
  where,
  attackIs,
  attackWorks,
  lossOf,
  usefulFor,
  forExample,
  anyModels,
]);
const ofRight = new PatternSet([
  ofAttack,
  reversal,
  itsVerb,
  threshold,
  lacking,
  wouldHelp,
  matters,
  nothing,
  once,
  poorly,
]);

/** Why a robustness phrase with this text before and after it in the sentence asserts nothing, or null. */
export function phraseVeto(left: string, right: string): string | null {
  const whole = left;
  left = clauseOf(left);
  if (ofWhole.test(advice, whole)) return 'advice';
  if (ofWhole.test(thought, whole)) return 'hypothetical';
  if (ofWhole.test(unconfirmed, whole) || ofWhole.test(noEvidence, whole)) return 'negation';
  if (ofClause.test(inGeneral, left)) return 'background';
  if (ofWhole.test(quoted, whole)) return 'quotation';
  if (ofWhole.test(kindOfThing, whole) && ofRight.test(itsVerb, right)) return 'background';
  if (ofClause.test(making, left)) return 'activity';
  if (ofWhole.test(order, whole)) return 'instruction';
  if (remark.test(whole)) return 'quotation';
  if (ofClause.test(anyModels, left)) return 'background';
  if (ofRight.test(ofAttack, right)) return 'attack';
  if (ofWhole.test(need, whole)) return 'study';
  if (ofClause.test(forBetter, left)) return 'purpose';
  // A bare "be" takes its modality from the verb that it is coordinated with, however far back.
  if (ofClause.test(bareBe, left) && ofWhole.test(modal, whole)) return 'hypothetical';
  if (ofClause.test(negation, left)) return 'negation';
  // "The rule is silent where the robust accuracy is 1 % or less": a case that is thought of, and its limit.
  if (ofClause.test(where, left)) return 'hypothetical';
  if (ofRight.test(threshold, right)) return 'threshold';
  if (ofRight.test(reversal, right)) return 'reversal';
  if (ofRight.test(lacking, right)) return 'negation';
  if (ofClause.test(attackIs, left)) return 'attack';
  if (ofRight.test(wouldHelp, right)) return 'hypothetical';
  if (ofRight.test(matters, right)) return 'background';
  if (ofClause.test(attackWorks, left)) return 'attack';
  if (ofRight.test(nothing, right)) return 'negation';
  if (ofRight.test(once, right)) return 'hypothetical';
  if (ofClause.test(hypothetical, left)) return 'hypothetical';
  // What could be done, and what a text teaches to do.
  if (ofWhole.test(couldBeMade, whole) || ofWhole.test(canMake, whole)) return 'hypothetical';
  if (ofWhole.test(taught, whole)) return 'study';
  if (ofClause.test(lossOf, left)) return 'negation';
  if (ofRight.test(poorly, right)) return 'negation';
  if (ofClause.test(purpose, left) || ofWhole.test(toBegin, whole)) return 'purpose';
  // "A study of observation noise demonstrates the robustness": its result.
  if (
    ofClause.test(study, left) &&
    !/\b(?:study|analysis|evaluation|comparison|test) (?:of|on|with) [^.;,]{0,50}\b(?:show|demonstrat|confirm|reveal|indicat|prov)\w*/i.test(
      left,
    )
  )
    return 'study';
  if (ofClause.test(usefulFor, left)) return 'purpose';
  if (ofClause.test(forExample, left)) return 'example';
  return null;
}
