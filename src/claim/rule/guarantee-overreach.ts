import type { ClaimRule } from './types';

const thing =
  '(?:attacks?|perturbations?|adversar\\w+(?: (?:examples?|inputs?|patch(?:es)?))?|noise|corruptions?|conditions?|threats?|shifts?|anomal\\w+|distortions?|disturbances?)';
const entirely = '(?:fully|completely|totally|perfectly|absolutely|entirely)';

const absolute = new RegExp(
  `\\b(?:${[
    'ensur(?:es?|ed|ing)',
    '(?<!(?:robustness|theoretical|formal|provable|certified|certification|performance|privacy|safety) )guarante(?:es?|ed|eing)',
    'always',
    'immune',
    'fool-?proof',
    'bullet-?proof',
    'unbreakable',
    'unhackable',
    'impervious',
    'invulnerable',
    'impossible to',
    'under (?:any|all)',
    `(?<!\\bacross )(?:any|all|every|whatever)(?: (?:types?|kinds?|sorts?|forms?) of)?(?: \\w+)? ${thing}`,
    `${entirely} (?:robust|secure|resistant|immune|safe|protect\\w*|invariant|eliminat\\w+|prevent\\w*|block\\w*|neutrali\\w+|resist\\w*)`,
    // "100 % robust against FGSM" is a figure.
    '100 ?% (?:secure|safe|protected|immune|guaranteed)',
    '(?:perfect|absolute|total|complete|full) (?:adversarial )?(?:robustness|immunity|resistance|security|invariance)',
    `(?:eliminat|eradicat)(?:es?|ed|ing) (?:the |all )?(?:\\w+ )?${thing}`,
    "can(?:not|['’]t| not| never) be (?:fooled|attacked|evaded|bypassed|broken|deceived|circumvented|tricked|spoofed|jailbroken|hijacked|poisoned|manipulated|compromised)",
    "can(?:not|['’]t| not) (?:poison|fool|evade|bypass|break|jailbreak|manipulate|deceive|circumvent|trick|spoof|compromise|hijack)",
    `no (?:\\w+ )?${thing} can`,
    'nothing can',
    'never (?:fails?|fooled|misclassif\\w+|mistak\\w+|changes? its)',
    'regardless of',
  ].join('|')})(?![\\w])`,
  'i',
);

export const guaranteeOverreach: ClaimRule = {
  name: 'guarantee-overreach',
  severity: 'warning',
  source: 'Carlini et al. 2019, On Evaluating Adversarial Robustness, section 2',
  summary: 'A guarantee holds within a bound; an experiment guarantees nothing.',
  check: ({ facts, sentence }) => {
    const word = absolute.exec(sentence.prose)?.[0];
    if (word === undefined) return null;
    const bounded = facts.epsilons.length > 0 || facts.norms.length > 0;
    return bounded
      ? null
      : `"${word}" promises more than an evaluation can show; state the bound within which it holds, or weaken it.`;
  },
};
