import type { ClaimRule } from './types';

const masking =
  /\bnon-?differentiable\b|\bgradient (?:masking|obfuscation|hiding|shattering)|\b(?:hid(?:es?|ing|den)|obfuscat\w+|mask(?:s|ed|ing)?|shatter\w*|no (?:usable )?|zero|vanishing|random(?:i[sz]ed)?) gradients?|\b(?:input|random) (?:transformations?|filtering|randomi[sz]ation|padding|purification|resizing|quanti[sz]ation|denoising|input padding)|\b(?:feature squeezing|bit[- ]depth reduction|median filter\w*|denois(?:es?|ing|er)(?! (?:diffusion|auto))|jpeg (?:compression )?(?:as|defen[sc]e|pre-?processing)|thermometer encod\w+ (?:defen|prevent|stop)\w*)|\bremov(?:es|ing) (?:the )?adversarial (?:perturbations?|noise)|\bbinari[sz]\w+ (?:\w+ )?(?:prevent|stop|block|make|hid)\w*/i;

export const gradientMaskingAsDefence: ClaimRule = {
  name: 'gradient-masking-as-defence',
  severity: 'warning',
  source: 'Athalye et al. 2018, Obfuscated Gradients Give a False Sense of Security',
  summary: 'Hidden, random or missing gradients stop the attack, not the attacker.',
  check: ({ kind, sentence }) =>
    (kind === 'adversarial' || kind === 'security') &&
    masking.test(sentence.prose) &&
    !/randomi[sz]ed smoothing/i.test(sentence.prose)
      ? 'This defence works by hiding gradients or filtering the input, which adaptive attacks walk around; evaluate with attacks made for it (BPDA, EOT, gradient-free).'
      : null,
};
