import type { ClaimRule } from './types';

const absolute =
  /\b(?:ensur(?:es?|ed|ing)|guarante(?:es?|ed|eing)|always|immune|fool-?proof|bullet-?proof|unbreakable|unhackable|impervious|impossible to|under (?:any|all)|(?:any|all|every|whatever)(?: \w+)? (?:attacks?|perturbations?|adversar\w+|noise|corruptions?|conditions?|threats?|shifts?)|(?:fully|completely|totally|perfectly|absolutely) (?:robust|secure|resistant|immune|safe|protected)|can(?:not|['’]t| not| never) be (?:fooled|attacked|evaded|bypassed|broken|deceived|circumvented)|no (?:\w+ )?(?:attack|perturbation|adversary) can|never fails?|regardless of)\b/i;

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
