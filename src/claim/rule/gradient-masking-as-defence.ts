import type { ClaimRule } from './types';

/** Ways to hide, randomise or remove gradients, or to filter the input. */
const masking =
  /\bnon-?differentiable\b|\bgradient (?:masking|obfuscation|hiding|shattering)|\b(?:hid(?:es?|ing|den)|conceal\w*|obfuscat\w+|mask(?:s|ed|ing)?|shatter\w*|no (?:usable )?|zero|vanishing|random(?:i[sz]ed)?) (?:(?:the|its|all|input|true|useful) ){0,2}gradients?|\bgradients? (?:(?:is|are|become|becomes|being) )?(?:vanish\w*|hidden|masked|obfuscated|unavailable|useless|zero|destroyed|blocked)|\b(?:input|random) (?:transformations?|filtering|randomi[sz]ation|padding|purification|resizing|quanti[sz]ation|denoising|input padding)|\btransformations? (?:that are )?(?:chosen|selected|applied|drawn|picked) (?:at )?random(?:ly)?|\b(?:random(?:ly)? (?:\w+ ){0,3}|choos\w* |select\w* |appl\w* )transformations? (?:chosen |selected |applied )?(?:at )?random(?:ly)?|\b(?:feature squeezing|bit[- ]depth reduction|median filter\w*|denois(?:es?|ing|er)(?! (?:diffusion|auto))|jpeg (?:compression )?(?:as|defen[sc]e|pre-?processing)|thermometer encod\w+)|\bremov(?:es|ing) (?:the )?adversarial (?:perturbations?|noise)|\bbinari[sz]\w+ (?:\w+ )?(?:prevent|stop|block|make|hid)\w*/i;
/** Said of adversarial examples alone: a filter is a fair answer to a malicious prompt. */
const filtering =
  /\bdefensive distillation|\bstochastic activation|\b(?:random(?:ly)?|stochastic(?:ally)?) (?:drop\w*|prun\w+|mask\w+|crop\w*|resiz\w+|pad\w*|layers?|noise injection|(?:inject|add)\w* noise)|\bdropout at (?:test|inference)|\bpurif\w+|\bsaniti[sz]\w+|\b(?:clean|filter|wash|scrub|smooth)s? (?:out )?(?:the )?(?:adversarial|malicious|perturbed)|\b(?:input|image|pixel|spatial|frequency|low-pass|gaussian|bilateral) (?:filter\w*|squeezing|quilting|deflection)|\btotal variation|\bdefen[sc]e-?gan|\bre-?encod\w+ (?:the )?(?:input|image)|\bquanti[sz]\w+ (?:of )?the inputs?/i;

export const gradientMaskingAsDefence: ClaimRule = {
  name: 'gradient-masking-as-defence',
  severity: 'warning',
  source: 'Athalye et al. 2018, Obfuscated Gradients Give a False Sense of Security',
  summary: 'Hidden, random or missing gradients stop the attack, not the attacker.',
  check: ({ kind, sentence }) =>
    (kind === 'adversarial' || kind === 'security') &&
    (masking.test(sentence.prose) || (kind === 'adversarial' && filtering.test(sentence.prose))) &&
    !/randomi[sz]ed smoothing/i.test(sentence.prose)
      ? 'This defence works by hiding gradients or filtering the input, which adaptive attacks walk around; evaluate with attacks made for it (BPDA, EOT, gradient-free).'
      : null,
};
