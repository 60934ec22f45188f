import { holdsAutoAttack } from '../../engine/report/autoAttack';
import type { MeasuredThreat } from '../evidence';

/** Attacks as the literature writes them, by their names in reports; the registry of the engine is too heavy for an editor. */
const attackWords: Readonly<Record<string, string>> = {
  fgsm: 'FGSM',
  pgd: 'PGD',
  'pgd-odi': 'PGD with output-diversified starts (ODI)',
  'mt-pgd': 'multi-targeted PGD',
  apgd: 'APGD',
  'apgd-ce': 'APGD-CE',
  'apgd-dlr': 'APGD-DLR',
  'apgd-t': 'APGD-T',
  fab: 'FAB',
  'fab-t': 'FAB-T',
  cw: 'Carlini & Wagner',
  deepfool: 'DeepFool',
  ddn: 'DDN',
  fmn: 'FMN',
  'sigma-zero': 'σ-zero',
  'sparse-rs': 'Sparse-RS',
  square: 'the Square Attack',
  hopskipjump: 'HopSkipJump',
  rays: 'RayS',
  surfree: 'SurFree',
  transfer: 'transferred examples',
  corner: 'corner search',
};

/** `APGD-CE` for `apgd-ce`; an attack that is not known keeps its name. */
export function attackWord(name: string): string {
  return attackWords[name] ?? name;
}

/** The four of AutoAttack's standard version. */
const standard = new Set(['apgd-ce', 'apgd-t', 'fab-t', 'square']);
const listed = 4;

/** `a`, `a and b`, `a, b and c`. */
export function enumerate(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The attacks that were given all examples; what ran on a sample alone bears no figure. */
export function attacksThatRan(threat: Pick<MeasuredThreat, 'attacks'>): string[] {
  return [...new Set(threat.attacks.filter(({ sample }) => sample !== true).map(({ name }) => name))];
}

/** What ran, in words: `AutoAttack`, `AutoAttack and PGD`, `PGD, APGD-CE and the Square Attack`; empty where nothing did. */
export function attackWordsOf(threat: Pick<MeasuredThreat, 'attacks' | 'norm'>): string {
  const ran = attacksThatRan(threat);
  const whole = holdsAutoAttack(threat);
  const names = [
    ...(whole ? ['AutoAttack'] : []),
    ...ran.filter((name) => !whole || !standard.has(name)).map(attackWord),
  ];
  if (names.length <= listed) return enumerate(names);
  return `${names.slice(0, listed - 1).join(', ')} and ${names.length - listed + 1} further attacks`;
}

const knowledgeWords = {
  'white-box': 'white-box',
  'black-box-score': 'black-box, by scores',
  'black-box-decision': 'black-box, by decisions',
} as const;

export function knowledgeWord(knowledge: MeasuredThreat['knowledge']): string {
  return knowledgeWords[knowledge];
}

const tenths = (value: number, round: (x: number) => number) => (round(1000 * value) / 10).toFixed(1);
/** Sums of floating point lie a little beside the tenth that they mean. */
const hair = 1e-7;

/** Per cent to one digit; an upper bound is never rounded down, nor a lower bound up, so that the bound stays true. */
export function percentOf(value: number, bound: 'upper' | 'lower' | null): string {
  if (bound === 'upper') return tenths(value, (x) => Math.ceil(x - hair));
  if (bound === 'lower') return tenths(value, (x) => Math.floor(x + hair));
  return tenths(value, Math.round);
}
