/** What an attack that is named in a sentence is worth as evidence. */
export type AttackStrength =
  /** A single step: models learn to hide from it. */
  | 'weak'
  /** Sees scores or labels alone: a supplement of attacks with gradients, no substitute. */
  | 'black-box'
  | 'strong';

export interface NamedAttack {
  /** Canonical: `fgsm`, `pgd`, `autoattack` ... */
  readonly name: string;
  readonly pattern: RegExp;
  readonly strength: AttackStrength;
  /** Names in a report any of which is this attack; absent where this tool has none, or where stronger ones imply it. */
  readonly measuredAs?: readonly string[];
  /** As people write it. */
  readonly title?: string;
}

const named = (
  name: string,
  strength: AttackStrength,
  pattern: RegExp,
  title?: string,
  measuredAs?: readonly string[],
): NamedAttack => ({
  name,
  strength,
  pattern,
  ...(title === undefined ? {} : { title }),
  ...(measuredAs === undefined ? {} : { measuredAs }),
});

/**
 * Attacks that prose names. Abbreviations that are also words (FAB, ODI) are matched as they are written in the literature. In
 * l0, where no gradient attack stays within the ball, Sparse-RS is strong although it sees scores alone.
 */
export const namedAttacks: readonly NamedAttack[] = [
  named('fgsm', 'weak', /\b(?:i-|mi-)?fgsm\b|fast gradient sign/i),
  named('single-step', 'weak', /\b(?:single|one)[- ]step\b/i),
  named('pgd', 'strong', /\b(?:a)?pgd(?:[- ]?\d+)?\b|projected gradient|\b(?:bim|basic iterative)\b/i),
  named('apgd', 'strong', /\bapgd|\bauto-pgd\b/i, 'Auto-PGD', ['apgd-ce', 'apgd-dlr', 'apgd-t']),
  named('autoattack', 'strong', /\bauto-?attack\b|\baa\b(?= accuracy)/i, 'AutoAttack'),
  named('c&w', 'strong', /\bc&w\b|\bcarlini\b|\bcw(?:-l2)?(?= attack|\()|\bCW-?[L∞2]/i, 'Carlini & Wagner', ['cw']),
  named('deepfool', 'strong', /\bdeepfool\b/i, 'DeepFool', ['deepfool']),
  named('fab', 'strong', /\bFAB(?:-?T)?\b|\b[Ff]ast [Aa]daptive [Bb]oundary\b/, 'FAB', ['fab', 'fab-t']),
  named('ddn', 'strong', /\bDDN\b|decoupled direction and norm/, 'DDN', ['ddn']),
  named('fmn', 'strong', /\bFMN\b|fast minimum[- ]norm/, 'FMN', ['fmn']),
  named('odi', 'strong', /\b(?:ODI|ODS)\b|\boutput[- ]diversified\b/, 'ODI', ['pgd-odi']),
  named('multi-targeted', 'strong', /\bmulti-?targeted (?:attack|pgd)|\bmt-pgd\b/i, 'Multi-targeted PGD', ['mt-pgd']),
  named('sigma-zero', 'strong', /(?:σ|\bsigma)-?(?:zero|0)\b/iu, 'σ-zero', ['sigma-zero']),
  named('sparse-rs', 'strong', /\bsparse-?rs\b/i, 'Sparse-RS', ['sparse-rs']),
  named('square', 'black-box', /\bsquare(?: attack|,| and)/i, 'the Square Attack', ['square']),
  named('hopskipjump', 'black-box', /\bhop-?skip-?jump\w*/i, 'HopSkipJump', ['hopskipjump']),
  named('rays', 'black-box', /\bRayS\b/, 'RayS', ['rays']),
  named('surfree', 'black-box', /\bsurfree\b/i, 'SurFree', ['surfree']),
  named('boundary', 'black-box', /(?<!adaptive )\bboundary attack|\b(?:zoo|simba|nes) attack/i),
  named('textfooler', 'strong', /\b(?:textfooler|bert-attack|pwws)\b/i),
];

const byName: ReadonlyMap<string, NamedAttack> = new Map(namedAttacks.map((attack) => [attack.name, attack]));

export function namedAttack(name: string): NamedAttack | undefined {
  return byName.get(name);
}

export function strengthOf(name: string): AttackStrength | undefined {
  return byName.get(name)?.strength;
}
