import { strengthOf } from '../attackNames';
import type { ClaimRule } from './types';

const isStrong = (attack: string) => strengthOf(attack) === 'strong';

const few = '(?:[1-9]|one|two|three|four|five|six|seven|eight|nine|a few|few)';
/** PGD with fewer than ten steps, in any order of words. */
const fewSteps = new RegExp(
  `\\b(?:pgd|bim|i-fgsm)[- ]?[1-9](?![\\d.])|\\b${few}[- ](?:gradient |pgd |attack |adversarial )?(?:steps?|iterations?|iters?)\\b(?! of fine)|\\b(?:steps?|iterations?|iters?)\\s?[:=]\\s?[1-9](?!\\d)`,
  'i',
);
/** Attackers who see scores or labels alone, or who bring examples made on another model. */
const blackBox =
  /\b(?:(?:black|gr[ae]y)[- ]box|(?:query|score|decision)[- ]based|transfer(?:red|ability)?(?:[- ]based)?) (?:adversarial )?(?:attack|adversar|setting|threat|evasion|quer)/i;

export const weakAttack: ClaimRule = {
  name: 'weak-attack',
  severity: 'warning',
  source: 'Athalye et al. 2018, Obfuscated Gradients, section 5.3; Croce & Hein 2020, AutoAttack',
  summary: 'Resisting a weak attack is no evidence of robustness.',
  check: ({ facts, nearby, kind, sentence }) => {
    if (kind !== 'adversarial' && kind !== 'certified') return null;
    const { plain } = sentence;
    const named = facts.attacks;
    const strong = named.some(isStrong);
    const blackBoxAlone = (facts.knowledge === 'black-box' || blackBox.test(plain)) && !/white[- ]box/i.test(plain);
    const weak = named.some((attack) => !isStrong(attack))
      ? !nearby.attacks.some(isStrong)
      : (blackBoxAlone && !strong) ||
        (named.length > 0 && named.every((attack) => attack === 'pgd') && fewSteps.test(plain));
    return weak
      ? 'The only attack named here is a weak one (a single step, few steps, or black-box alone); evaluate with PGD with restarts or AutoAttack.'
      : null;
  },
};
