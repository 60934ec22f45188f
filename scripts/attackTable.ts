import { attacks } from '../src/engine/attack/registry';
import type { Norm } from '../src/engine/attack/types';
import { outputAttacksFor } from '../src/engine/spec/outputSuites';
import { type ResolvedThreatModel, type SuiteName, suiteNames, type ThreatModelSpec } from '../src/engine/spec/schema';
import { attacksFor } from '../src/engine/spec/suites';

type AttackPlan = ResolvedThreatModel['attacks'][number];

const seen = { gradient: 'gradient', scores: 'scores', labels: 'label' } as const;

/** `100 iterations, 5 restarts`; what is 1 or 0 is left out. */
function budgetText({ iterations, restarts, queries, targets }: Omit<AttackPlan, 'name'>): string {
  const parts = [
    ...(queries > 0 ? [`${queries} queries`] : [`${iterations} ${iterations === 1 ? 'step' : 'iterations'}`]),
    ...(restarts > 1 ? [`${restarts} restarts`] : []),
    ...(targets === undefined ? [] : [`${targets} targets`]),
  ];
  return parts.join(', ');
}

const venues = 'ICLR|ICML|NeurIPS|CVPR|ECCV|AAAI|KDD|JMLR|IEEE|20\\d\\d';
const title = new RegExp(`(et al\\.|& [\\p{L} ]+), ([^,]+(?:, [^,]+)??), (?=${venues})`, 'gu');

/** Titles in quotation marks: they say things of which the page is not the author. */
const quoted = (source: string) => source.replace(title, '$1, “$2”, ');

/** Every registered attack: a table in Markdown. */
export function attackTable(): string {
  const rows = attacks.map(({ name, title, needs, norms, leastClasses = 2, targeted, minimal, defaults, source }) =>
    row([
      `\`${name}\``,
      title,
      seen[needs],
      norms.join(' '),
      leastClasses,
      targeted ? 'yes' : '',
      minimal ? 'yes' : '',
      budgetText(defaults),
      quoted(source),
    ]),
  );
  const head = ['Name', 'Attack', 'Sees', 'Norms', 'Classes from', 'Target', 'Minimal', 'By itself', 'Source'];
  return table(head, rows);
}

/** `apgd-ce 100×5`, as the note on the page explains. */
function planText({ name, iterations, restarts, queries, targets, eot }: AttackPlan): string {
  const size = `${queries > 0 ? `${queries} q` : iterations}${restarts > 1 ? `×${restarts}` : ''}`;
  const more = [...(targets === undefined ? [] : [`${targets} t`]), ...(eot === undefined ? [] : [`eot ${eot}`])];
  return `\`${name}\` ${size}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
}

const balls: readonly Norm[] = ['linf', 'l2', 'l1'];
const classCounts = [
  [2, '2'],
  [3, '3'],
  [10, '4 or more'],
] as const;

const planned = (threat: Partial<ThreatModelSpec>, suite: SuiteName, classes: number) =>
  attacksFor(threat, suite, classes).map(planText).join(' → ') || 'none: refused';

/** Numbers of classes at which a suite's plan is the same, in words, and the plan. */
function plansByClasses(suite: SuiteName, norm: Norm): readonly (readonly [classes: string, plan: string])[] {
  const byPlan = new Map<string, string[]>();
  for (const [classes, words] of classCounts) {
    const plan = planned({ norm }, suite, classes);
    byPlan.set(plan, [...(byPlan.get(plan) ?? []), words]);
  }
  return [...byPlan].map(([plan, words]) => [words.length === classCounts.length ? 'any' : words.join('; '), plan]);
}

/** What each suite runs white-box in linf, l2 and l1, from the plans themselves: a table in Markdown. */
export function suiteTable(): string {
  const rows = suiteNames.flatMap((suite) => {
    // Norms with the same plans share a row.
    const grouped = new Map<string, { norms: Norm[]; classes: string; plan: string }>();
    for (const norm of balls) {
      for (const [classes, plan] of plansByClasses(suite, norm)) {
        const group = grouped.get(`${classes} ${plan}`) ?? { norms: [], classes, plan };
        group.norms.push(norm);
        grouped.set(`${classes} ${plan}`, group);
      }
    }
    return [...grouped.values()].map(({ norms, classes, plan }) =>
      row([`\`${suite}\``, norms.join(' '), classes, plan]),
    );
  });
  return table(['Suite', 'Norm', 'Classes', 'Attacks, in order'], rows);
}

/** The suites of other threat models, and of regressions: a table in Markdown. */
export function otherSuiteTable(): string {
  const situations: readonly (readonly [string, (suite: SuiteName) => string])[] = [
    ['l0', (suite) => planned({ norm: 'l0' }, suite, 10)],
    ['scores: linf l2 l1', (suite) => planned({ norm: 'linf', knowledge: 'black-box-score' }, suite, 10)],
    ['scores: l0', (suite) => planned({ norm: 'l0', knowledge: 'black-box-score' }, suite, 10)],
    ['scores: edits', (suite) => planned({ norm: 'edits', knowledge: 'black-box-score' }, suite, 10)],
    ['labels: edits', (suite) => planned({ norm: 'edits', knowledge: 'black-box-decision' }, suite, 10)],
    ['labels: linf', (suite) => planned({ norm: 'linf', knowledge: 'black-box-decision' }, suite, 10)],
    ['labels: l2', (suite) => planned({ norm: 'l2', knowledge: 'black-box-decision' }, suite, 10)],
    ['targeted: linf', (suite) => planned({ norm: 'linf', goal: 'targeted' }, suite, 10)],
    ['targeted: l2', (suite) => planned({ norm: 'l2', goal: 'targeted' }, suite, 10)],
    ['targeted: l1', (suite) => planned({ norm: 'l1', goal: 'targeted' }, suite, 10)],
    ['regression', (suite) => outputAttacksFor({}, suite).map(planText).join(' → ')],
  ];
  const rows = suiteNames.map((suite) => row([`\`${suite}\``, ...situations.map(([, plan]) => plan(suite))]));
  return table(['Suite', ...situations.map(([words]) => words)], rows);
}

const table = (head: readonly string[], rows: readonly string[]) =>
  [row(head), row(head.map(() => '---')), ...rows].join('\n');
const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

const tables = { attacks: attackTable, suites: suiteTable, 'other suites': otherSuiteTable };

/** The page with its tables made anew. */
export function withAttackTables(page: string): string {
  return Object.entries(tables).reduce((text, [name, make]) => {
    const [begin, end] = [`<!-- ${name}: written by scripts/make-attacks.ts -->`, `<!-- /${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page has no place for the table of ${name}`);
    return `${text.slice(0, from + begin.length)}\n\n${make()}\n\n${text.slice(to)}`;
  }, page);
}
