import { basename } from 'node:path/posix';
import { RobustnessError } from '../../../engine/error';
import { type AnyReport, isRegression, type RegressionReport } from '../../../engine/report/regression';
import type { Figure, Report, ThreatModelReport } from '../../../engine/report/schema';
import { nearest } from '../../../engine/spec/suggest';
import { attackWordsOf, enumerate, knowledgeWord, percentOf } from '../wording';

/** A part of a cell or note: plain text, a file's name, or a link. */
export type Piece = string | { readonly code: string } | { readonly link: string; readonly to: string };

/** What an evidence block says, free of any document's syntax. */
export interface BlockContent {
  readonly columns: readonly string[];
  /** As many cells as columns. */
  readonly rows: readonly (readonly Piece[][])[];
  /** One line each, below the table. */
  readonly notes: readonly (readonly Piece[])[];
}

const none = '–';
const share = (figure: Figure, bound: 'upper' | 'lower' | null) => {
  const sign = bound === 'upper' ? '≤ ' : bound === 'lower' ? '≥ ' : '';
  const interval = `(${percentOf(figure.low, null)}–${percentOf(figure.high, null)})`;
  return `${sign}${percentOf(figure.value, bound)} % ${interval}`;
};
const number = (value: number) => String(Number(value.toPrecision(3)));
const measure = (figure: Figure, sign = '') =>
  `${sign}${number(figure.value)} (${number(figure.low)}–${number(figure.high)})`;

type Condition = Pick<ThreatModelReport, 'norm' | 'epsilonText' | 'knowledge' | 'goal' | 'counts'>;

function conditionOf({ norm, epsilonText, knowledge, goal, counts }: Condition): string {
  const unit = norm === 'l0' && counts === 'pixels' ? ' pixels' : '';
  const aim = goal === 'targeted' ? ', targeted' : '';
  return `${norm} ε = ${epsilonText}${unit}, ${knowledgeWord(knowledge)}${aim}`;
}

/** @throws RobustnessError `claim/block-threat` for a name that the report does not have */
function chosen<T extends { readonly name: string }>(threats: readonly T[], names: readonly string[]): readonly T[] {
  if (names.length === 0) return threats;
  return names.map((name) => {
    const found = threats.find((threat) => threat.name === name);
    if (found) return found;
    const known = threats.map((threat) => threat.name);
    const near = nearest(name, known);
    throw new RobustnessError(
      'claim/block-threat',
      `The report has no threat model "${name}".`,
      near === null ? `Its threat models: ${known.join(', ') || 'none'}.` : `Did you mean "${near}"?`,
    );
  });
}

function classification(report: Report, names: readonly string[]): Pick<BlockContent, 'columns' | 'rows'> {
  const threats = chosen(report.threatModels, names);
  const certified = threats.some((threat) => threat.certifiedAccuracy);
  const model: Piece = { code: basename(report.model.path) };
  const clean = report.clean ? share(report.clean.accuracy, null) : none;
  const columns = [
    'Model',
    'Threat model',
    'Clean accuracy',
    'Robust accuracy (at most)',
    ...(certified ? ['Certified accuracy (at least)'] : []),
    'n',
    'Attacks',
  ];
  const rows = threats.map((threat): Piece[][] => [
    [model],
    [conditionOf(threat)],
    [clean],
    [threat.robustAccuracy ? share(threat.robustAccuracy, 'upper') : none],
    ...(certified ? [[threat.certifiedAccuracy ? share(threat.certifiedAccuracy, 'lower') : none]] : []),
    [String((threat.robustAccuracy ?? threat.certifiedAccuracy)?.n ?? report.data.count)],
    [attackWordsOf(threat) || none],
  ]);
  const bare: Piece[][] = [[model], ['none'], [clean], [none], [String(report.data.count)], [none]];
  return { columns, rows: rows.length > 0 ? rows : [bare] };
}

function regression(report: RegressionReport, names: readonly string[]): Pick<BlockContent, 'columns' | 'rows'> {
  const model: Piece = { code: basename(report.model.path) };
  const clean = report.clean ? measure(report.clean.mae) : none;
  const rows = chosen(report.threatModels, names).map((threat): Piece[][] => [
    [model],
    [conditionOf(threat)],
    [clean],
    [threat.worstCase ? measure(threat.worstCase.mae, '≥ ') : none],
    [threat.withinTolerance ? share(threat.withinTolerance, 'upper') : none],
    [String(threat.worstCase?.mae.n ?? report.data.count)],
    [
      attackWordsOf({
        norm: threat.norm,
        attacks: threat.attacks.map((row) => ({ ...row, accuracyAfter: row.maeAfter })),
      }) || none,
    ],
  ]);
  const bare: Piece[][] = [[model], ['none'], [clean], [none], [none], [String(report.data.count)], [none]];
  return {
    columns: [
      'Model',
      'Threat model',
      'Mean absolute error, clean',
      'Worst case found (at least)',
      'Within tolerance (at most)',
      'n',
      'Attacks',
    ],
    rows: rows.length > 0 ? rows : [bare],
  };
}

function others(report: Report): Piece[][] {
  const { corruptions, shifts } = report;
  const lines: Piece[][] = [];
  if (corruptions && corruptions.byCorruption.length > 0) {
    const kinds = new Set(corruptions.byCorruption.map(({ name }) => name)).size;
    const severities = [...new Set(corruptions.byCorruption.map(({ severity }) => severity))].sort((a, b) => a - b);
    lines.push([
      `Mean over ${kinds} common corruptions (severity ${enumerate(severities.map(String))}): ${share(corruptions.meanAccuracy, null)}.`,
    ]);
  }
  for (const { name, accuracy } of shifts)
    lines.push([`Shifted data "${name}": ${share(accuracy, null)}, n = ${accuracy.n}.`]);
  return lines;
}

/** Pitfalls by severity, with the names of their rules. */
function pitfalls({ pitfalls: found }: AnyReport): Piece[] {
  if (found.length === 0) return ['Pitfalls of the evaluation: none found.'];
  const groups = (['error', 'warning', 'info'] as const).flatMap((severity): Piece[][] => {
    const ofIt = found.filter((pitfall) => pitfall.severity === severity);
    if (ofIt.length === 0) return [];
    const rules = [...new Set(ofIt.map(({ rule }) => rule.replace(/^pitfalls\//, '')))].sort();
    const noun = ofIt.length === 1 || severity === 'info' ? severity : `${severity}s`;
    const names = rules.flatMap((rule, i): Piece[] => (i === 0 ? [{ code: rule }] : [', ', { code: rule }]));
    return [[`${ofIt.length} ${noun} (`, ...names, ')']];
  });
  return ['Pitfalls of the evaluation: ', ...groups.flatMap((group, i) => (i === 0 ? group : ['; ', ...group])), '.'];
}

function provenance(report: AnyReport, link: string): Piece[] {
  const { tool, createdAt, model } = report;
  return [
    `Measured on ${createdAt.slice(0, 10)} by ${tool.name} ${tool.version}; 95 % intervals in brackets; model SHA-256 `,
    { code: model.sha256.slice(0, 12) },
    '; ',
    { link: 'report', to: link },
    '.',
  ];
}

/**
 * What a block says of a report: a row a threat model, then pitfalls and provenance. The same report gives the same content.
 *
 * @param threats names of the threat models to show; empty for all
 * @param link path of the report, relative to the document
 * @throws RobustnessError `claim/block-threat`, `claim/block-incomplete`
 */
export function blockContent(report: AnyReport, threats: readonly string[], link: string): BlockContent {
  if (report.status.state !== 'complete')
    throw new RobustnessError(
      'claim/block-incomplete',
      'The evaluation of this report has not been completed, so its figures are no evidence yet.',
      'Resume the evaluation, then refresh the block.',
    );
  const table = isRegression(report) ? regression(report, threats) : classification(report, threats);
  const more = isRegression(report) ? [] : others(report);
  return { ...table, notes: [...more, pitfalls(report), provenance(report, link)] };
}
