import type { FeatureConstraints } from '../attack/constraint';
import { describeRules, type EditRules, usualEditRules } from '../attack/editRules';
import type { ThreatModelReport } from './schema';

type Threat = Pick<
  ThreatModelReport,
  'norm' | 'epsilon' | 'epsilonText' | 'bounds' | 'knowledge' | 'goal' | 'queries'
> & {
  readonly counts?: ThreatModelReport['counts'] | undefined;
  readonly constraints?: FeatureConstraints;
  readonly edits?: EditRules | undefined;
  readonly target?: Pick<NonNullable<ThreatModelReport['target']>, 'rule' | 'class'> | undefined;
};

const knowledgeText = {
  'white-box': 'An attacker who knows the model and its gradients (white box)',
  'black-box-score': 'An attacker who sees only the scores of the model (black box)',
  'black-box-decision': 'An attacker who sees only the decisions of the model (black box)',
} as const;

const goalText = {
  untargeted: 'to get any wrong class (untargeted)',
  targeted: 'to get a chosen wrong class (targeted)',
} as const;

/** A threat model as one sentence that a reader without the field's shorthand understands. */
export function describeThreat(threat: Threat, task: 'classification' | 'regression' = 'classification'): string {
  const { bounds, queries } = threat;
  const within =
    threat.norm === 'edits'
      ? `, ${describeRules(threat.edits ?? usualEditRules)}`
      : threat.constraints
        ? constraintsText(threat.constraints)
        : bounds
          ? `, within the data's bounds ${bounds[0]} to ${bounds[1]}`
          : ', without bounds on the values';
  const goal =
    task === 'regression'
      ? 'to drive the predicted numbers up or down'
      : threat.target
        ? `to get ${targetText(threat.target)} (targeted)`
        : goalText[threat.goal];
  const limit = queries === null ? '' : ` with at most ${queries} queries an example and attack`;
  return `${knowledgeText[threat.knowledge]} ${changeText(threat)}${within}, ${goal}${limit}.`;
}

/** The class that a targeted attacker wants, as an object of a sentence. */
export function targetText({ rule, class: wanted }: NonNullable<Threat['target']>): string {
  switch (rule) {
    case 'class':
      return `the class ${wanted}`;
    case 'least-likely':
      return 'the least likely class of each example';
    case 'random':
      return 'a random wrong class of each example';
    case 'all':
      return 'each of the wrong classes in turn';
  }
}

/** What is declared about the features, counted. */
function constraintsText({ scale, low, high, held, direction, integer, groups }: FeatureConstraints): string {
  const count = (test: (i: number) => boolean) => scale.filter((_, i) => test(i)).length;
  const grouped = new Set(groups.flat());
  const parts: readonly (readonly [number, string])[] = [
    [count((i) => held[i]!), 'immutable'],
    [count((i) => direction[i] !== 0), 'of one direction'],
    [count((i) => integer[i]!), 'whole numbers'],
    [count((i) => !grouped.has(i) && (Number.isFinite(low[i]) || Number.isFinite(high[i]))), 'within bounds'],
    [groups.length, groups.length === 1 ? 'one-hot group' : 'one-hot groups'],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  const units = scale.some((unit) => unit !== 1) ? ", in units of each feature's scale" : '';
  return `${units}${said.length === 0 ? '' : `, as the declared features allow (${said.join(', ')})`}`;
}

function changeText({ norm, epsilon, epsilonText, counts = 'values' }: Threat): string {
  const size = epsilonText === String(epsilon) ? epsilonText : `${epsilonText} (${Number(epsilon.toPrecision(3))})`;
  switch (norm) {
    case 'linf':
      return `may change every value by at most ${size} (ℓ∞ norm)`;
    case 'l2':
      return `may change the example by at most ${size} in Euclidean length (ℓ2 norm)`;
    case 'l1':
      return `may change the values by at most ${size} in sum (ℓ1 norm)`;
    case 'l0':
      return `may change at most ${size} ${counts}, each to anything (ℓ0)`;
    case 'edits':
      return `may edit at most ${charactersText(epsilon)} (insert, delete or replace; a swap of neighbours is two)`;
  }
}

/** `1 character`, `3 characters`. */
function charactersText(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`;
}

/** Short form for tables: `ℓ∞ ≤ 8/255`, `ℓ∞ ≤ 8/255, targeted (random)`. */
export function shortThreat({
  norm,
  epsilonText,
  target,
}: Pick<Threat, 'norm' | 'epsilonText'> & {
  readonly target?: { readonly rule: string; readonly class: string | null } | undefined;
}): string {
  const goal = target ? `, targeted (${target.class ?? target.rule})` : '';
  return `${{ linf: 'ℓ∞', l2: 'ℓ2', l1: 'ℓ1', l0: 'ℓ0', edits: 'edits' }[norm]} ≤ ${epsilonText}${goal}`;
}
