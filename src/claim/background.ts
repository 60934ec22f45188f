/**
 * Sentences that say how things are in a field: what others have proposed, what a technique does wherever it is used, why a problem
 * matters. They name robustness and models as claims do, but no model in particular.
 */
import { PatternSet } from './patternSet';

/** What is there already, as the subject: "existing defences", "these traditional methods". */
const existing =
  /^\W*(?:(?:therefore|however|moreover|furthermore|additionally|in practice|in general|nevertheless|yet|but|also|among|unlike most|while|although|though|despite|even)[, ]+)*(?:(?:the|these|most|many|all|some|several|a number of|a variety of|various) )*(?:of (?:the )?)?(?:existing|current|traditional|conventional|classical|previous|prior|earlier|modern|contemporary|(?<!new )state-of-the-art|typical|standard|today's|common|popular|recent) (?:[\w-]+ ){0,4}?(?:methods?|approach(?:es)?|techniques?|defen[sc]es?|models|networks|systems|algorithms|classifiers|detectors|solutions|strategies|works?|studies|research|pipelines|architectures|literature|polic(?:y|ies)|agents|controllers|frameworks|tools|(?:large )?language models|llms|transformers|benchmarks|attacks|papers?)\b/i;

/** Work of whom it may concern. */
const proposed =
  /\b(?:defen[sc]es?|methods|approaches|techniques|strategies|solutions|models|works?|attempts|efforts|algorithms|attention|studies|research) (?:have|has) (?:\w+ )?(?:been (?:\w+ )?(?:proposed|developed|introduced|explored|studied|devoted|made|suggested|investigated|shown|designed|devised|conducted)|emerged|focused|attracted|appeared|shown)\b/i;

/** Why one should care: "has received attention", "poses a challenge". */
const matters =
  /\b(?:has|have) (?:recently |long |also )?(?:received|attracted|gained|drawn|garnered|become|emerged as) (?:[\w-]+ ){0,4}?(?:attention|interest|concern|importance|popularity|challenge|problem|issue|bottleneck|setting|paradigm|direction|topic)\b|\b(?:poses?|presents?|remains?|is|are|becomes?) (?:still )?(?:an? |the )?(?:[\w-]+,? ){0,3}?(?:challenges?|bottlenecks?|obstacles?|concerns?|open questions?|prerequisites?|necessity)\b|\b(?:is|are) (?:one of|among) the (?:\w+ )?(?:most|main|key|major|biggest|central|core|primary|fundamental|leading) (?:effective|popular|common\w*|widely|promising|successful|important|studied|used|challeng\w+|critical|difficult|pressing|problems?|issues?|challenges?|reasons?|goals?|requirements?|ways?)\b|\b(?:is|are) (?:\w+ )?(?:considered|regarded|viewed|seen|treated) (?:as|to be)\b/i;

const technique =
  '(?:(?:data|image|random|label|test-time|input|feature|adversarial|mixup|noise|model|knowledge|weight|gradient|early|batch|layer|spectral|domain|transfer|ensemble|contrastive|self-supervised|multi-task|curriculum|meta|representation|randomi[sz]ed|k-fold|differential|federated|reinforcement|synthetic|standard)[- ]?)*(?:augmentations?|dropout|regulari[sz]ation|adversarial training|training|cross-validation|ensembl(?:es|ing)|ensemble (?:methods?|learning|models)|bagging|boosting|stopping|normali[sz]ation|distillation|quanti[sz]ation|pruning|smoothing|randomi[sz]ation|mixup|cutmix|learning|adaptation|decay|clipping|filtering|preprocessing|oversampling|scaling|cropping|rotation|flipping|jittering|denoising|privacy|fine-tuning|pre-training|pretraining)';

/** What a technique is and is for: a bare name of one, with a verb that describes. "Adversarial training makes the classifier robust" tells a result. */
const described =
  'is|are|applies|apply|exposes?|forces?|encourages?|works?|trains?|introduces?|adds?|involves?|uses?|aims?|simulates?|creates?|generates?|teaches|acts?|serves?|refers?|combines?';
const achieved =
  'helps?|improves?|makes?|provides?|reduces?|prevents?|ensures?|increases?|enhances?|allows?|enables?|leads?|boosts?|strengthens?';
const inGeneral = new RegExp(
  `^\\W*(?:(?:in general|generally|typically|however|often),? )?${technique}(?: \\([^)]{1,20}\\))? (?:(?:\\w+ly )?(?:${described})|(?:\\w+ly )?(?:can|may|often|usually|typically|generally|commonly) (?:also )?\\w+|helps? (?:to )?\\w+)\\b|^\\W*(?:while|although|though|because|since|as) ${technique}(?: \\([^)]{1,20}\\))? (?:\\w+ly )*(?:${described}|${achieved})\\b|^\\W*${technique} (?:${achieved}) [^.;]{3,60} because\\b`,
  'i',
);
/** A finding, or whose it is. */
const particular =
  /\d\s?\\?%|\d\.\d|\b(?:we|our|ours|this (?:model|work|paper|project|method|repo\w*)|here|provabl\w+|certif\w+|results?|experiments?|significantly|substantially|by \d|from \d|in (?:this|our)|compared to|its)\b/i;

/** What such-and-such is chosen, wanted or awaited for: labels of items. */
const reasons =
  /^\W*(?:why(?: (?:this|it) (?:matters|works))?|use[- ]cases?|business (?:value|impact)|user impact|applications?|rationale|trade-?offs?|open (?:question|issue)s?|next|later|future|todo|criteri(?:on|a)|success (?:criteri(?:on|a)|metric)|acceptance|expected \w+|anticipated \w+|assumption|interpretation|title|paper title|paper|problem|risk|mitigation|pros and cons|question|note to self|verdict needed)s?\W{0,3}[:：]/i;
const anticipated =
  /^\W*(?:anticipated|expected|desired|intended|hoped-for|planned|potential) (?:[\w-]+ ){0,2}(?:outcomes?|results?|benefits?|impacts?|contributions?|improvements?|properties|behaviou?r)\b/i;

/** Who tests makes nothing robust: "Stress testing: a red team, ensuring robustness before release". */
const testing =
  /^\W*(?:(?:the|our|these|regular|rigorous|extensive|continuous|automated|adversarial|comprehensive|thorough|proper|careful) )*(?:stress|penetration|unit|integration|regression|fuzz|load|chaos|security|adversarial|red[- ]team|a\/b|robustness|edge[- ]case|quality)[- ]?(?:test(?:s|ing)?|audits?|reviews?|teaming)\b[^.;]{0,160}\bensur(?:es?|ing)\b/i;

/** What is granted to models in general, to be taken back in the main clause. */
const conceded =
  /^\W*(?:although|though|while|despite|even though|whereas)\b[^.;]{10,250}, (?:they|it|these|those|such|the same|most|many|dnns?|models|networks|systems|llms)\b[^.;]{0,80}\b(?:vulnerab\w+|susceptib\w+|fail\w*|struggl\w+|suffers?|fragile|brittle|lacks?|incur|prone|fall short|not (?:\w+ )?robust)\b/i;

const patterns = new PatternSet([
  conceded,
  existing,
  proposed,
  matters,
  inGeneral,
  particular,
  reasons,
  anticipated,
  testing,
]);

/** Whether a sentence tells the state of a field rather than of a model. */
export function isBackground(prose: string): boolean {
  if ([reasons, anticipated, testing].some((pattern) => patterns.test(pattern, prose))) return true;
  const ours = /\b(?:we|our|ours|this (?:work|paper|model|method|project|repo\w*))\b/i.test(prose);
  if (ours) return false;
  if (
    patterns.test(existing, prose) ||
    patterns.test(proposed, prose) ||
    patterns.test(matters, prose) ||
    patterns.test(conceded, prose)
  )
    return true;
  return patterns.test(inGeneral, prose) && !patterns.test(particular, prose);
}
