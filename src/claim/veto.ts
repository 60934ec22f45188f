import { isBackground } from './background';
import type { Sentence } from './document/types';
import { PatternSet } from './patternSet';

/** Sections that speak of other things than what this model does. */
const otherSections =
  /\b(?:limitations?|caveats?|known (?:issues|failures)|failure (?:modes|cases)|out[- ]of[- ]scope|references?|bibliography|related (?:work|papers|projects)|further reading|publications|citations?|citing|acknowledge?ments?|licen[cs]e|prior work|future (?:work|directions?|plans?|improvements?|enhancements?|extensions?|research|features?)|possible improvements|enhancements|(?:evaluation |performance )?metrics|success (?:metrics|criteria)|expectations|deliverables|(?:validation |audit )?checklists?|assumptions|next steps|planned|upcoming|wish ?list|ideas|exercises?|assignments?|optional|add-ons|road ?map|to-?do|objectives?|goals?|aims?|motivation|glossary|terminology|definitions?|contributing|how to contribute|table of contents|contents|change ?log|disclaimer|threats to validity|risks?|open (?:questions|problems)|papers|resources|reading list|troubleshooting|installation|hypothes[ie]s|research questions?|tips|principles?|requirements?|desiderata|criteria|challenges?|best practices|recommendations|guidelines|lessons|(?:expected|anticipated) (?:\w+ )?(?:outcomes?|results?|impacts?|contributions?|behaviou?r|performance|improvements?|benefits?)|success criteria|acceptance criteria|user stor(?:y|ies)|research gaps?)\b/i;

/** Lists and paragraphs that announce plans, wishes or flaws. */
const otherLeads =
  /\b(?:limitations?|goals?|objectives?|aims?|to-?do|plans?|questions?|may fail|not (?:suitable|intended|designed)|future|should be (?:evaluated|tested)|checklist|hypothes[ie]s|requires?|required|needs?|challenges?|problems?|metrics?|evaluat\w+|track|measures?|measured|compares?|outputs?|to determine|should|must|shall|needs? to|ought to|address(?:es|ing)?|sub-?problems?|desired|success(?:ful)?|ideal)\b[^.]*[:：]\s*$/i;

/** Sections that praise as well as own up. */
const balanced = /\b(?:strengths?|advantages?|benefits?|pros)\b/i;

const disclaimers =
  /\b(?:no|any|not (?:a|an|any)?) ?(?:claims?|guarantees?|warrant(?:y|ies)|certificates?) |(?:do|does|did)(?: not|n['’]t) (?:yet |necessarily |always |automatically |by itself )?(?:claim|guarantee|imply|mean|ensure|certify|prove|show|establish)\b|(?:not|never|n['’]t|cannot be) (?:be )?guaranteed\b|(?:can ?not|can['’]t|unable to) (?:guarantee|certify|claim|ensure|make an)|^\W*(?:nothing|none of)\b|\bshould (?:not )?be taken as\b|\b(?:unsupported|overclaim\w*|not (?:a )?(?:proxy|evidence|proof))\b/i;

const goals =
  /\b(?:(?<!\b(?:address|tackle|overcome|solve|meet|towards?|achieve|mitigate|for|to|in|on|at) )(?:the|our|main|primary|this|project) (?:\w+ )?(?:goal|objective|aim|mission|purpose|task|challenge)\b(?! (?:\w+ly )?(?:yields?|achieves?|improves?|leads?|makes?|produces?|results?|gives?|encourages?|provides?|function))|^(?:goals?|aims?|objectives?|mission|hypothes[ie]s|purpose|motivation|idea|vision|challenges?|problems?|tasks?|requirements?|(?:research )?questions?|exercises?|to-?do|planned|phase \d+|milestones?|use cases?|concepts?|lessons?|focus|topics?|area|theme|keywords|tags|subject|applications?|prediction|expected)\s*[:：]|^\[ ?\] |\baim(?:s|ed|ing)? (?:to|at|for)\b|\b(?:tasked|challenged|charged) (?:with|to)\b|\b(?:we|to) (?:hope|plan|intend|want|wish|seek|strive|expect to)\b|\b(?:seeks?|strives?|intends?|attempts?|tries|plans?|(?:is|are) (?:planned|supposed|meant|intended|expected)|was meant|were meant|wants) to\b|\bopen (?:problems?|questions?|challenges?)\b|\b(?:would|could|might) be (?:to|interesting|nice|useful|valuable|worth)\b|\bremains? (?:an? )?(?:open|challeng\w+|difficult|elusive|unclear|unsolved)|\bheading towards?\b|\b(?:advance|work|working|step|steps) towards?\b|\bexpected (?:results?|outcomes?)\b|\bwe hypothesi[sz]e|\bif (?:this|it|the \w+) (?:works|holds))/i;

const definitions =
  /: (?:lower|higher|larger|smaller|stronger|weaker|more|less|fewer) (?:[\w-]+ ){1,3}?(?:improves?|increases?|reduces?|decreases?)\b|^\W*an? [\w-]+(?: [\w-]+){0,2} (?:generali[sz]es|is (?:\w+ )?robust|works|performs|remains)\b[^.;]{0,80}\b(?:when|if|iff|provided|whenever)\b|^\W*(?:gradient (?:masking|obfuscation)|(?:obfuscated|masked|shattered) gradients?) (?!.{0,80}\b(?:our|we)\b)|\blooks? like an? (?:[\w-]+ ){0,2}robust\b|^\W*(?:the )?(?:share|fraction|proportion|percentage|ratio|number|chance|probability) of (?:the |all )?[\w-]+(?: [\w-]+){0,3} (?:that|which|(?:of|for|on|in) which|whose)\b[^\d]*$|\ban? (?:\w+ )?(?:technique|method|approach|procedure|process|strategy|setting|scenario|task|paradigm) (?:in which|where(?:by|in)?)\b|\b(?:(?:is|are) (?:formally )?defined (?:as|by|to be)|refers? to|robustness (?:means|is the|measures)|\w+ means (?:that )?(?:the|an?) |\b(?:techniques?|methods?|approaches|strategies) (?:such as|like)\b[^.;]{0,160}\bcan (?:\w+ly )?\w+|(?:model|system|network|classifier)['’]s ability to|(?:the )?ability of (?:a|an|the) |(?:radius|radii|region) (?:in|at|within|for) which|robustness of (?:each|all|these|those|various|several|different|existing|\w+ models)\b|is (?:the|a) (?:measure|percentage|fraction|share|ratio|number|proportion|probability|average)|ratio of|relative to source|(?:higher|lower)(?: is|,)? (?:the )?better|(?:lower|upper)[* ]*(?: bound)[* ]* (?:on|of)|can (?:also )?be (?:\w+ )?(?:evaluated|measured|computed|interpreted|obtained)|is (?:computed|calculated|measured) (?:as|by|using|over)|proof \(|theorem \d|^\W*an? (?:\w+ )?(?:robust|resilient|certified) [\w-]+ (?:\w+ )?(?:is (?:one|an?)|can|should|must|will|means|needs|would)\b|\b(?:higher|larger|lower|greater|smaller|wider|an increase in|a decrease in) [^.;]{0,60}\b(?:indicates?|means?|implies|imply|suggests?|corresponds?|reflects?)\b|^\W*(?:higher|lower|larger|smaller)(?: \w+)? ?(?:=|(?:means?|is)\b)|can be (?:interpreted|understood|seen|viewed) as|^\W*an? (?:larger|higher|smaller|lower|stronger|wider|longer|deeper) [^.;]{0,40}\b(?:makes?|gives?|yields?|leads?|increases?|improves?|results?|trades?)\b)/i;

const thirdParty =
  /['’]s (?:own )?(?:readme|paper|documentation|docs|card|website|authors?|abstract) (?:\w+ )?(?:states?|claims?|says?|asserts?|argues?|reports?|notes?)\b|^\W*(?:(?:also|moreover|furthermore|additionally|in addition|similarly|recently|additionally),? )?(?:recent|previous|prior|existing|several|many|some|earlier) (?:[\w-]+ ){0,2}(?:works?|studies|research|papers|efforts|literature)\b(?![^.]{0,300}\b(?:we|our|ours|this (?:paper|work))\b)|\b(?:(?:the )?(?:paper|authors?|they|vendor|article|researchers) (?:assert|claim|argue|suggest|state|report)s?\b|^\W*the (?:paper|article|authors?|study|post|blog|vendor|documentation)\b(?:[^.;]|\bal\.){0,160}\b(?:assert|claim|argue|suggest|state|report|note|say|write|mention|find)s? that\b|\bet al\.?,?(?: ?\(?\d{4}[a-z]?\)?)?(?: ?\[\d+\])? (?:\w+ly )?(?:report|show|claim|find|found|demonstrat|propos|argue|observ|introduc|prove|prov|develop|present|use)\w*\b|claim(?:s|ed)? to be|\b(?:is|are|was|were) (?:said|believed|thought|considered|rumou?red|supposed) to be\b|reportedly|supposedly|so-called|allegedly|false sense|appear(?:s|ed)? (?:to be )?(?:\w+ )?(?:robust|secure)|\*?appear\*? robust|seem(?:s|ed)? (?:to be )?robust|broken by|overestimat\w+|can be circumvented|^(?:\W*example:? )?adversarial (?:patterns?|patch(?:es)?|examples?|attacks?|perturbations?|stickers?)\b|\b(?:our|this|these|the) (?:[\w-]+ ){0,2}attacks? (?:is|are|remains?|works?|generali[sz]es?|transfers?|achieves?|can)\b|is this (?:an )?artefact)/i;

/** Who is no model. */
const otherSubject =
  /^\W*(?:(?:the|all|most|many|some|even|real) )?(?:people|humans?|users?|attackers?|adversar(?:y|ies)|readers?|developers?|operators?|clinicians|radiologists|human (?:vision|perception|observers?|listeners?|raters?))\b(?!-)/i;

/** Verbs that begin an instruction, a checklist entry or a contribution note in the bare form. */
const imperative =
  /^(?:[^\p{L}\d]*)(?:please |then |next,? |first,? |finally,? |always |do )*(?:use|try|train|ensure|evaluate|validate|verify|build|develop|create|design|augment|configure|apply|test|check|run|add|set|compare|improve|enhance|increase|reduce|generate|implement|investigate|explore|study|analy[sz]e|assess|measure|make|choose|select|consider|install|download|see|learn|understand|contribute|help|fine-?tune|combine|write|read|load|define|provide|adopt|monitor|perform|conduct|benchmark|demonstrate|deploy|show|find|let|keep|avoid|prefer|report|leverage|employ|utili[sz]e|incorporate|introduce|integrate|replace|remove|update|document|extend|extract|expand|scale|optimi[sz]e|tune|refine|address|handle|fix|support|enable|allow|migrate|refactor|rewrite|quantify|characteri[sz]e|identify|detect|prevent|mitigate|prepare|collect|gather|convert|follow|refer|start|begin|bring|give|take|note(?! that)|remember(?! that)|require|pick|prefer|plan|prove|derive|discuss|describe|outline|be|plot|visuali[sz]e|track|log|record|attack|defend|protect|harden|strengthen|boost)\b(?!-)(?! (?:on|to)\b.*\b(?:is|are|shows?)\b)/iu;

/** Tools, data and benchmarks with which robustness is studied. */
const instrument =
  /\b(?:provid|includ|giv|show|contain|offer)(?:es?|s|ed|ing)? (?:an? |some |several )?(?:example|script|recipe|tutorial|notebook|demo)s? (?:for|of|to|on|that)\b|^[^.;]{0,90}?\b(?:tool(?:kit|box)?s?|library|libraries|benchmarks?|leaderboards?|simulators?|suites?|data ?sets?|competition|survey|tutorials?|notebooks?|scripts?|platform|codebase|interface|methodology|metrics?|utilities|folder|package|scan|examples that)\b[^.;]{0,80}?\b(?:for|to|that|which|of|used|can|includes?|designed|containing|demonstrat\w+)\b[^.;]{0,60}?\b(?:evaluat|assess|measur|test|benchmark|generat|verif|attacking|stud|experiment|quantif|identif|analy[sz]|gaug|compar)\w*/i;

/** What a table, a figure or an overview holds. */
const contents =
  /^\W*(?:the|this) (?:\w+ )?(?:module|package|directory|repository|repo|folder|collection) (?:contains?|holds?|collects?|lists?|defines?)\b|\b(?:in|are|is|shown|marked|highlighted in) bold\b|^\W*(?:the|this|these|our) (?:\w+ )?(?:tables?|figures?|fig|plots?|graphs?|sections?|chapters?|columns?|notebooks?|scripts?|files?|folders?)\b[^.;]{0,30}\b(?:shows?|lists?|reports?|compares?|describes?|gives?|contains?|plots?|summari[sz]es?)\b(?! that)|\b(?:overview|survey|review|collection|list|taxonomy|comparison|summary) of (?:\w+ ){0,3}(?:methods|techniques|approaches|papers|works?|defen[sc]es|models)\b|^\W*(?:\w+, )?you (?:will|can|should|need|must|may|could|want)\b/i;

/** What is asked about, or follows of any such thing: "what it withstands when …", "…, so an ensemble withstands …". */
const general =
  /\b(?:what|how (?:much|well|far|long)|which (?:attacks|perturbations|corruptions|shifts)) (?:it|they|each|the (?:[\w-]+ ){0,2}[\w-]+) (?:withstands?|resists?|survives?|tolerates?)\b(?![^.;]*\d)|, (?:so|thus|hence) an? (?:[\w-]+ ){0,2}[\w-]+ (?:withstands?|resists?|survives?|tolerates?)\b(?![^.;]*\d)/i;

/** A report on what was done, without what was found: "Explored …", "We studied …". */
const activity =
  /^\W*(?:verif(?:y|ies)|tests?|checks?|asserts?|validates?) (?:that|if|whether)\b|^\W*(?:[^:]{2,30}: )?(?:your |the |key |main )*(?:responsibilities|duties|tasks) (?:include|are)\b|^\W*(?:(?:we|i|this (?:work|paper|project|thesis|study|repo(?:sitory)?)|it) (?:also |then |first |further |systematically )?)?(?:explor(?:ed|es?)|investigat(?:ed|es?)|stud(?:ied|y|ies)|evaluat(?:ed|es?)|analy[sz](?:ed|es?)|compar(?:ed|es?)(?! (?:to|with))|examin(?:ed|es?)|benchmark(?:ed|s)?|survey(?:ed|s)?|review(?:ed|s)?|assess(?:ed|es)?|wanted to)\b(?!-)/i;
const finding =
  /\b(?:and|that|then|which|to|,) (?:\w+ )?(?:show|find|found|demonstrat|prov|confirm|achiev|improv|reach|reveal|observ|report)\w*\b|\b(?:show|demonstrat|achiev|prov|reveal|confirm)ing\b|, (?:the|our|this|it|its|we)\b[^.;]{0,60}\b(?:is|are|remains?|stays?|keeps?|achieves?|shows?|generali[sz]es?)\b/i;

/** Entries of change logs and news. */
const changeEntry =
  /^\W*(?:\((?:\[?PR)? ?#?\d+|\[?PR ?#\d+|(?:fix(?:es|ed)?|feat|chore|refactor|perf|docs|test|tests|bug|bugfix|added|changed|removed|deprecated)\b ?(?:\([^)]{0,40}\))?[:!]|[|│├└ ]*[|│├└] ?[-─]{2}|\[?(?:\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?:\d{1,2},? )?\d{4})\]?\W)/i;

const venue =
  /\b(?:NeurIPS|NIPS|ICML|ICLR|CVPR|ICCV|ECCV|AAAI|IJCAI|ACL|EMNLP|NAACL|COLING|USENIX|CCS|NDSS|ICASSP|Interspeech|WACV|BMVC|KDD|WWW|SIGIR|ACCV|MICCAI|TPAMI|TMLR|JMLR|TIFS|PMLR|ICRA|IROS|CoRL|AISTATS|UAI|SaTML|ISSTA|ICSE|Nature|Springer|IEEE|ACM)\b[^.;]{0,40}?(?:['’]\d\d|\b(?:19|20)\d\d)\b|\barXiv:? ?(?:preprint )?(?:arXiv:)?\d{4}\.\d{4,5}|\bdoi: ?10\.|\bet al\.?,? ?(?:\(|,)? ?(?:19|20)\d\d\)?[.:]/;
const asserts =
  /\b(?:we|our|is|are|was|were|has|have|shows?|achiev(?:es?|ed)|improv(?:es?|ed)|provides?|propos(?:es?|ed)|present(?:s|ed)?|reduc(?:es|ed)|lower(?:s|ed)|rais(?:es|ed)|increas(?:es|ed)|this|these|it)\b/i;
const authors =
  /^\W*(?:\[?\d{1,3}[\].)]? ?)?(?:\p{Lu}[\p{L}'’-]+,? (?:\p{Lu}\.?[ -]?){1,3}(?:,| and| &|;)|(?:\p{Lu}\. ?){1,2}\p{Lu}[\p{L}'’-]+(?:,| and| et al))/u;

/** Most sentences share no word with most of these: what could not match is neither compiled nor tried. */
const ofProse = new PatternSet([changeEntry, disclaimers, thirdParty, instrument, asserts, authors]);
/** Of a sentence without the marks that it begins with. */
const ofOwn = new PatternSet([otherSubject, contents, general, goals, definitions, activity, finding, imperative]);

/** A line of a bibliography or of a list of papers. */
function isReference(prose: string): boolean {
  if (ofProse.test(authors, prose)) return true;
  if (/^\W*towards? /i.test(prose) && isTitleCase(prose)) return true;
  if (/\((?:19|20)\d\d\)\W*$/.test(prose) && isTitleCase(prose)) return true;
  // A citation in parentheses is a source; the sentence around it says something of its own.
  const own = prose.replace(/\([^()]{0,200}\bet al[^()]{0,200}\)/g, '');
  return venue.test(own) && (!ofProse.test(asserts, prose) || isTitleCase(prose));
}

/** A noun phrase in capitals that says by which means: how papers are called. */
function isPaperTitle(prose: string): boolean {
  if (/[.!;]\s*$/.test(prose) || ofProse.test(asserts, prose) || !isTitleCase(prose)) return false;
  const long = prose.match(/(?<![\p{L}-])\p{L}{4,}/gu) ?? [];
  return (
    long.length >= 6 &&
    /\b(?:via|through|from|under|by|a|an|the|for (?:More )?Robust|for (?:Improved|Enhanced|Better))\b/.test(prose) &&
    (!/^\W*[^:]{2,25}: /.test(prose) || / via /.test(prose))
  );
}

/** Most long words begin with a capital: a heading, the title of a paper. */
function isTitleCase(text: string): boolean {
  const long = text.match(/(?<![\p{L}-])\p{L}{4,}/gu) ?? [];
  if (long.length < 4) return false;
  let capitals = 0;
  for (const word of long) if (/^\p{Lu}/u.test(word)) capitals++;
  return capitals >= 0.75 * long.length;
}

/**
 * Why a sentence is no claim of this project whatever it says, or null: a question, a goal, an instruction, a
 * disclaimer, a definition, a description of a tool, somebody else's words.
 */
export function sentenceVeto(sentence: Sentence): string | null {
  const { prose } = sentence;
  const own = prose.replace(/^[^\p{L}\d]+/u, '');
  if (/\?["”')\]\s§]*$/.test(prose) || (/\?/.test(prose) && !/\?["”')*_\s]*(?:yes\b|✅|✔)/i.test(prose)))
    return 'question';
  if (sentence.headings.some((heading, depth) => depth > 0 && otherSections.test(heading) && !balanced.test(heading)))
    return 'section';
  if (
    sentence.headings.length === 1 &&
    otherSections.test(sentence.headings[0]!) &&
    sentence.headings[0]!.split(' ').length <= 7
  )
    return 'section';
  if (otherLeads.test(sentence.lead)) return 'list';
  // A paragraph that ends in a colon speaks of what follows it.
  if (/[:：]\s*$/.test(sentence.before) && otherLeads.test(sentence.before.slice(-200))) return 'list';
  if (/^(?:how|whether|why|what|when|which|where) /i.test(own) && !/,/.test(own)) return 'question';
  if (ofOwn.test(otherSubject, own)) return 'other subject';
  if (/^(?:should|were|had) (?:you|the|one|we|it)\b/i.test(own)) return 'hypothetical';
  // "To authorize the team to mitigate attacks": the title of a recipe.
  if (/^to [\p{L}]/iu.test(own) && !/,/.test(own)) return 'instruction';
  if (/^(?:to|for) [^,]{3,100}, [^.;]{0,80}\b(?:should|must|needs? to|ought to|has to|have to)\b/i.test(own))
    return 'instruction';
  if (ofOwn.test(contents, own)) return 'contents';
  if (isReference(prose)) return 'reference';
  // The title of a work that was just announced.
  if (
    /\b(?:paper|article|publication|thesis|preprint|report)s?\b[^.]{0,40}[:：]?\s*$/i.test(sentence.before) &&
    isTitleCase(prose) &&
    !ofProse.test(asserts, prose)
  )
    return 'title';
  if (isPaperTitle(prose)) return 'title';
  // What an acronym stands for: "CRC: Carefully Regularized Classifier".
  if (
    /^\W*[A-Z][A-Z0-9-]{1,9} ?[:–-] /.test(prose) &&
    isTitleCase(prose.replace(/ (?:adapted|for|with|from|by) .*$/, '')) &&
    !ofProse.test(asserts, prose)
  )
    return 'title';
  // One of a list of titles.
  if (
    !/[.!;]\s*$/.test(prose) &&
    isTitleCase(prose) &&
    !ofProse.test(asserts, prose) &&
    [sentence.before, sentence.after].some(
      (other) => isTitleCase(other) && !ofProse.test(asserts, other) && other.length > 30,
    )
  )
    return 'title';
  // The title in a reference whose authors came first.
  if (authors.test(sentence.before) && sentence.before.length < 200 && !ofProse.test(asserts, prose)) return 'title';
  // Authors and year were split off as a sentence of their own.
  if (/\b(?:19|20)\d\d[a-z]?\)?\.?\s*$/.test(sentence.before) && isTitleCase(prose) && !ofProse.test(asserts, prose))
    return 'title';
  if (ofProse.test(changeEntry, prose)) return 'change log';
  if (ofProse.test(disclaimers, prose)) return 'disclaimer';
  if (ofOwn.test(goals, own)) return 'goal';
  if (ofOwn.test(definitions, own)) return 'definition';
  if (ofOwn.test(general, own)) return 'general';
  if (isBackground(own)) return 'background';
  if (ofProse.test(thirdParty, prose)) return 'third party';
  if (ofProse.test(instrument, prose)) return 'instrument';
  // "Evaluate on ten data sets, showing superior robustness": the result is asserted although an instruction begins.
  const result = /, (?:\w+ly )?(?:showcas|demonstrat|show|achiev|prov|highlight|confirm|result)ing\b/i.test(own);
  if (!result && ofOwn.test(activity, own) && !ofOwn.test(finding, own)) return 'activity';
  // "Always encode principles".
  if (/^(?:[^:：]{2,30}[:：] )?(?:always|never) (?!\w+(?:s|ed|ing)\b)\w+/i.test(own)) return 'instruction';
  const label = /^[^:：—–]{2,50}(?:[:：]| [—–-]) +/.exec(own)?.[0] ?? '';
  if (!result && ofOwn.test(imperative, own.slice(label.length))) return 'instruction';
  return null;
}
