import { strengthOf } from '../attackNames';
import type { ClaimRule } from './types';

const isStrong = (attack: string) => strengthOf(attack) === 'strong';

export const weakAttack: ClaimRule = {
  name: 'weak-attack',
  severity: 'warning',
  source: 'Athalye et al. 2018, Obfuscated Gradients, section 5.3; Croce & Hein 2020, AutoAttack',
  summary: 'Resisting a weak attack is no evidence of robustness.',
  check: ({ facts, nearby, kind, sentence }) => {
    if (kind !== 'adversarial' && kind !== 'certified') return null;
    const steps = /\bpgd[- ]?([1-9])(?!\d)|\b([1-9]|one|two|three|five)(?:[- ])steps?\b/i.exec(sentence.plain);
    const named = facts.attacks;
    const weak = named.some((attack) => !isStrong(attack))
      ? !nearby.attacks.some(isStrong)
      : (facts.knowledge === 'black-box' && !/white[- ]box/i.test(sentence.plain) && !named.some(isStrong)) ||
        (named.includes('pgd') && steps !== null);
    return weak
      ? 'The only attack named here is a weak one (a single step, few steps, or black-box alone); evaluate with PGD with restarts or AutoAttack.'
      : null;
  },
};
