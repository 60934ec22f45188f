import type { Sentence } from './document/types';

/** Sections that speak of other things than what this model does. */
const otherSections =
  /\b(?:limitations?|caveats?|known (?:issues|failures)|failure (?:modes|cases)|out[- ]of[- ]scope|references?|bibliography|related (?:work|papers|projects)|further reading|publications|citations?|citing|acknowledge?ments?|licen[cs]e|prior work|future (?:work|directions?|plans?)|road ?map|to-?do|objectives?|goals?|aims?|motivation|glossary|terminology|definitions?|contributing|how to contribute|table of contents|contents|change ?log|disclaimer|threats to validity|risks?|open (?:questions|problems)|papers|resources|reading list|troubleshooting|installation|hypothes[ie]s|research questions?)\b/i;

/** Lists and paragraphs that announce plans, wishes or flaws. */
const otherLeads =
  /\b(?:limitations?|goals?|objectives?|aims?|to-?do|plans?|questions?|may fail|not (?:suitable|intended|designed)|future|should be (?:evaluated|tested)|checklist|hypothes[ie]s)\b[^.]*[:：]\s*$/i;

const disclaimers =
  /\b(?:no|any|not (?:a|an|any)?) ?(?:claims?|guarantees?|warrant(?:y|ies)|certificates?) |(?:do|does|did)(?: not|n['’]t) (?:claim|guarantee|imply|mean|ensure|certify|prove|show|establish)\b|(?:not|never|n['’]t|cannot be) (?:be )?guaranteed\b|(?:can ?not|can['’]t|unable to) (?:guarantee|certify|claim|ensure|make an)|\b(?:unsupported|overclaim\w*|not (?:a )?(?:proxy|evidence|proof))\b/i;

const goals =
  /\b(?:(?:the|our|main|primary|this|project) (?:\w+ )?(?:goal|objective|aim|mission|purpose|task|challenge)\b|^(?:goals?|aims?|objectives?|mission|hypothesis|purpose|motivation|idea|vision)\s*[:：]|\baim(?:s|ed|ing)? (?:to|at|for)\b|\b(?:we|to) (?:hope|plan|intend|want|wish|seek|strive|expect to)\b|\b(?:seeks?|strives?|intends?|attempts?|tries|plans?) to\b|\bopen (?:problems?|questions?|challenges?)\b|\bremains? (?:an? )?(?:open|challeng\w+|difficult|elusive|unclear|unsolved)|\bheading towards?\b|\b(?:advance|work|working|step|steps) towards?\b|\bexpected (?:results?|outcomes?)\b|\bwe hypothesi[sz]e|\bif (?:this|it|the \w+) (?:works|holds))/i;

const definitions =
  /\b(?:(?:is|are) (?:formally )?defined (?:as|by|to be)|refers? to|robustness (?:means|is the|measures)|\w+ means (?:that )?(?:the|a)|(?:model|system|network|classifier)['’]s ability to|(?:the )?ability of (?:a|an|the) |(?:radius|radii|region) (?:in|at|within|for) which|robustness of (?:each|all|these|those|various|several|different|existing|\w+ models)\b|is (?:the|a) (?:measure|percentage|fraction|share|ratio|number|proportion|probability|average)|ratio of|relative to source|(?:higher|lower)(?: is|,)? (?:the )?better|(?:lower|upper)[* ]*(?: bound)[* ]* (?:on|of)|can (?:also )?be (?:\w+ )?(?:evaluated|measured|computed|interpreted|obtained)|is (?:computed|calculated|measured) (?:as|by|using|over)|proof \(|theorem \d)/i;

const thirdParty =
  /\b(?:(?:the )?(?:paper|authors?|they|vendor|article|researchers) (?:assert|claim|argue|suggest|state|report)s?\b|claim(?:s|ed)? to be|reportedly|supposedly|so-called|allegedly|false sense|appear(?:s|ed)? (?:to be )?(?:\w+ )?(?:robust|secure)|\*?appear\*? robust|seem(?:s|ed)? (?:to be )?robust|broken by|overestimat\w+|can be circumvented|^(?:\W*example:? )?adversarial (?:patterns?|patch(?:es)?|examples?|attacks?|perturbations?|stickers?)\b|\b(?:our|this|these|the) (?:[\w-]+ ){0,2}attacks? (?:is|are|remains?|works?|generali[sz]es?|transfers?|achieves?|can)\b|is this (?:an )?artefact)/i;

/** Verbs that begin an instruction, a checklist entry or a contribution note in the bare form. */
const imperative =
  /^(?:[^\p{L}]*)(?:please |then |next,? |first,? |finally,? |always |do )*(?:use|try|train|ensure|evaluate|validate|verify|build|develop|create|design|augment|configure|apply|test|check|run|add|set|compare|improve|enhance|increase|reduce|generate|implement|investigate|explore|study|analy[sz]e|assess|measure|make|choose|select|consider|install|download|see|learn|understand|contribute|help|fine-?tune|combine|write|read|load|define|provide|adopt|monitor|perform|conduct|benchmark|demonstrate|deploy|show|find|let|keep|avoid|prefer|report|leverage|attack|defend|protect|harden|strengthen|boost)\b(?!-)(?! (?:on|to)\b.*\b(?:is|are|shows?)\b)/iu;

/** Tools, data and benchmarks with which robustness is studied. */
const instrument =
  /^[^.;]{0,90}?\b(?:tool(?:kit|box)?s?|library|libraries|benchmarks?|leaderboards?|simulators?|suites?|data ?sets?|competition|survey|tutorials?|notebooks?|scripts?|platform|codebase|interface|methodology|metrics?|utilities|folder|package|scan|examples that)\b[^.;]{0,80}?\b(?:for|to|that|which|of|used|can|includes?|designed|containing|demonstrat\w+)\b[^.;]{0,60}?\b(?:evaluat|assess|measur|test|benchmark|generat|verif|attacking|stud|experiment|quantif|identif|analy[sz]|gaug|compar)\w*/i;

/**
 * Why a sentence is no claim of this project whatever it says, or null: a question, a goal, an instruction, a
 * disclaimer, a definition, a description of a tool, somebody else's words.
 */
export function sentenceVeto(sentence: Sentence): string | null {
  const { prose } = sentence;
  const own = prose.replace(/^[^\p{L}\d]+/u, '');
  if (/\?["”')\]\s§]*$/.test(prose) || (/\?/.test(prose) && !/\?["”')*_\s]*(?:yes\b|✅|✔)/i.test(prose)))
    return 'question';
  if (sentence.headings.some((heading, depth) => depth > 0 && otherSections.test(heading))) return 'section';
  if (
    sentence.headings.length === 1 &&
    otherSections.test(sentence.headings[0]!) &&
    sentence.headings[0]!.split(' ').length <= 5
  )
    return 'section';
  if (otherLeads.test(sentence.lead)) return 'list';
  if (/^(?:how|whether|why|what|when|which|where) /i.test(own) && !/,/.test(own)) return 'question';
  if (disclaimers.test(prose)) return 'disclaimer';
  if (goals.test(own)) return 'goal';
  if (definitions.test(prose)) return 'definition';
  if (thirdParty.test(prose)) return 'third party';
  if (instrument.test(prose)) return 'instrument';
  // "Evaluate on ten data sets, showing superior robustness": the result is asserted although an instruction begins.
  const result = /, (?:\w+ly )?(?:showcas|demonstrat|show|achiev|prov|highlight|confirm|result)ing\b/i.test(own);
  const label = /^[^:：—–]{2,50}(?:[:：]| [—–-]) +/.exec(own)?.[0] ?? '';
  if (!result && imperative.test(own.slice(label.length))) return 'instruction';
  return null;
}

const negation =
  /(?:\b(?:not(?! only| just| merely| an? arte)|(?<!guaranteed that |guaranteed )no (?!matter)(?=\w+ )|never|neither|nor|cannot|can['’]t|without|lack(?:s|ing|ed)?(?: of)?|fail(?:s|ed|ing)?|unable|insufficient\w*|limited|struggl\w+|hardly|unlikely|less(?! (?:affected|sensitive|prone|susceptible|vulnerable))|fewer|loses?|lost|hurts?|degrad\w+|reduc\w+|decreas\w+|worse|poor|vulnerab\w+|unclear|overstate|under(?:mine|perform)\w*|difficult\w*|hard to|at the (?:cost|expense) of|trade-?off|no longer)|n['’]t|\bnon-(?!iid|linear|trivial|rigid|differentiable|stationary))\b[^.;:,]{0,60}$/i;

const hypothetical =
  /(?:\b(?:may|might|could|would|must|needs? to|ought to|if|whenever|unless|whether|how|wants? to|trying to|hope(?:s|fully)?|should (?:always )?(?:work|have|aim|ensure)|require[sd]?|desir\w+|ideally|potential(?:ly)?|promis\w+|once(?! (?:trained|deployed)))\b)[^.;:]{0,50}$/i;

const purposeStem =
  '(?:improv|enhanc|increas|strengthen|boost|promot|evaluat|assess|test|measur|stud|build|develop|creat|investigat|explor|verif|validat|understand|check|gaug|advanc|encourag|maximi[sz]|benchmark|analy[sz]|compar|reach|obtain|facilitat|bolster|foster|support|ascertain|quantif|calibrat|find|optimi[sz]|judg|determin)';
/** "to improve robustness", "for training more robust models": what somebody wants, unless they are said to be able to. */
const purpose = new RegExp(
  `(?:(?<!\\b(?:able|shown|proven|proved|found|known|demonstrated|likely|expected|designed|tuned|seen|continues?|tends?|allow|allows|allowing|enables?|enabling|us|model|network|agent|it) )\\b(?:to|helps?) (?:\\w+ly )?(?:further )?(?:${purposeStem}(?:e|y|ise|ize)?|train|learn|see|know|get|design|make)|\\b(?:for|in|of|towards?|on|at|through|when|while|useful for(?: training)?) (?:\\w+ly )?(?:the )?${purposeStem}(?:y?ing|ening)|\\b(?:to|helps?) [^.;:,]{3,40} and (?:\\w+ly )?${purposeStem}(?:e|y|ise|ize)?|^[^\\p{L}]*${purposeStem}(?:y?ing|ening))\\b[^.;:]{0,90}$`,
  'iu',
);

const study =
  /(?<!\b(?:when|as|if|is|are|was|were) )\b(?!compared (?:with|to)\b)(?:shows? (?:the|how)(?= robustness)|investigat|explor|evaluat|assess|examin|analy[sz]|benchmark|measur|quantif|address|discuss|focus|stud|compar|track|consider|concern|highlight the (?:need|importance)|problem of|role of|importance of|challenge of|(?<!the |held-out |unseen |of )tests?(?! (?:images?|set|data|accuracy|examples|samples|split|time|errors?|digits)))(?:e|es|s|ed|ing|ies|y|ying|ses)?\b(?! (?:on|with|using|against|by|under|to|over)\b)(?! (?:show|demonstrat|confirm|reveal|indicat))[^.;:,]{0,60}$/i;

/** What takes a statement of robustness back. */
const reversal =
  /^[^.;]{0,70}\b(?:but|yet|while|however,?) (?:\w+ ){0,3}?(?:vulnerable|fragile|sensitive|brittle|susceptible|fails?|not)\b/i;

/** Why a robustness phrase with this text before and after it in the sentence asserts nothing, or null. */
export function phraseVeto(left: string, right: string): string | null {
  if (negation.test(left)) return 'negation';
  if (reversal.test(right)) return 'reversal';
  if (hypothetical.test(left)) return 'hypothetical';
  if (purpose.test(left)) return 'purpose';
  if (study.test(left)) return 'study';
  if (
    /(?:useful|helpful|suitable|important|essential|crucial|needed|necessary|critical|key) (?:for|to|in)\b[^.;:]{0,60}$/i.test(
      left,
    )
  )
    return 'purpose';
  if (/\be\.?g\.?,?[^)]{0,60}$/i.test(left)) return 'example';
  return null;
}
