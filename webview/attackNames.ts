import type { AttackName } from '../src/engine/spec/schema';

/** Attacks as the field calls them, for where a report has the bare name. */
const NAMES: Readonly<Record<AttackName, string>> = {
  fgsm: 'FGSM',
  pgd: 'PGD',
  'apgd-ce': 'APGD-CE',
  'apgd-dlr': 'APGD-DLR',
  'apgd-t': 'APGD-T',
  'pgd-odi': 'PGD with ODI',
  'mt-pgd': 'Multi-targeted PGD',
  corner: 'PGD from corners',
  deepfool: 'DeepFool',
  'fab-t': 'FAB-T',
  fab: 'FAB',
  ddn: 'DDN',
  fmn: 'FMN',
  cw: 'Carlini-Wagner',
  square: 'Square',
  'sigma-zero': 'σ-zero',
  'sparse-rs': 'Sparse-RS',
  rays: 'RayS',
  surfree: 'SurFree',
  hopskipjump: 'HopSkipJump',
  'edits-beam': 'Character edits (beam)',
  'edits-random': 'Character edits (random)',
};

/** Attacks that are given questions to the model, not steps along its gradient. */
const ASKING: ReadonlySet<string> = new Set<AttackName>([
  'square',
  'sparse-rs',
  'rays',
  'surfree',
  'hopskipjump',
  'edits-beam',
  'edits-random',
]);

/** What the budget of an attack counts. */
export function budgetUnit(name: string): { readonly one: string; readonly many: string } {
  return ASKING.has(name) ? { one: 'query', many: 'queries' } : { one: 'step', many: 'steps' };
}

export function attackLabel(name: string): string {
  return Object.hasOwn(NAMES, name) ? NAMES[name as AttackName] : name;
}
