import { addPressure } from './calibrationCsv';
import { cleanFigures } from './cleanSections';
import { addEnsemble } from './ensembleCsv';
import { addOutputCorruptions } from './outputCorruptionCsv';
import { type AnyReport, isRegression, type RegressionReport } from './regression';
import type { Figure, Report } from './schema';
import { addOutputShifts, addShifts } from './shiftCsv';
import { addBaseline, addStability } from './stabilityCsv';

export type Place = { threatModel?: string; item?: string; severity?: number; epsilon?: number };
export type Add = (section: string, place: Place, metric: string, figure: Figure | number | null | undefined) => void;

/**
 * All figures of a report in long form: one row a figure, so that spreadsheets and data frames need not know the schema.
 * Columns: model, section, threatModel, item, severity, epsilon, metric, value, low, high, n.
 */
export function renderCsv(report: AnyReport): string {
  const rows: (string | number | null)[][] = [];
  const add: Add = (section, place, metric, figure) => {
    if (figure === null || figure === undefined) return;
    const { value, low, high, n } =
      typeof figure === 'number' ? { value: figure, low: null, high: null, n: null } : figure;
    const { threatModel = null, item = null, severity = null, epsilon = null } = place;
    rows.push([report.model.path, section, threatModel, item, severity, epsilon, metric, value, low, high, n]);
  };

  if (isRegression(report)) addRegression(report, add);
  else addClassification(report, add);

  const header = [
    'model',
    'section',
    'threatModel',
    'item',
    'severity',
    'epsilon',
    'metric',
    'value',
    'low',
    'high',
    'n',
  ];
  return `${[header, ...rows].map((cells) => cells.map(cell).join(',')).join('\r\n')}\r\n`;
}

function addClassification(report: Report, add: Add): void {
  const { clean, corruptions, summary, text } = report;
  if (text) {
    add('text', {}, 'truncatedTexts', text.truncated);
    add('text', {}, 'unknownTokens', text.unknown);
    add('text', {}, 'longestTokens', text.tokens.longest);
  }
  if (clean) {
    for (const name of cleanFigures) add('clean', {}, name, clean[name]);
    addCalibration(clean, add);
    addGroups(report.groups, add);
    for (const name of ['train', 'test', 'gap'] as const)
      add('generalisation', {}, name, report.generalisation?.[name]);
    for (const row of clean.perClass) {
      for (const name of ['accuracy', 'precision', 'recall', 'f1', 'rocAuc', 'prAuc'] as const) {
        add('perClass', { item: row.label }, name, row[name]);
      }
      for (const [threatModel, figure] of Object.entries(row.robustAccuracy)) {
        add('perClass', { item: row.label, threatModel }, 'robustAccuracy', figure);
      }
    }
  }
  for (const threat of report.threatModels) {
    const place = { threatModel: threat.name, epsilon: threat.epsilon };
    add('threatModel', place, 'robustAccuracy', threat.robustAccuracy);
    add('threatModel', place, 'certifiedAccuracy', threat.certifiedAccuracy);
    add('threatModel', place, 'attackSuccessRate', threat.attackSuccessRate);
    for (const { label, successRate } of threat.target?.byClass ?? []) {
      add('target', { ...place, item: label }, 'attackSuccessRate', successRate);
    }
    for (const attack of threat.attacks) {
      const of = { ...place, item: attack.name };
      add('attack', of, 'accuracyAfter', attack.accuracyAfter);
      for (const name of ['broken', 'attempted', 'refused', 'forwards', 'backwards', 'seconds'] as const) {
        add('attack', of, name, attack[name]);
      }
    }
    for (const { epsilon, accuracy } of threat.curve) add('curve', { ...place, epsilon }, 'accuracy', accuracy);
  }
  if (corruptions) {
    add('corruptions', {}, 'meanAccuracy', corruptions.meanAccuracy);
    add('corruptions', {}, 'mCE', corruptions.mCE);
    add('corruptions', {}, 'stabilityIndex', corruptions.stabilityIndex);
    add('corruptions', {}, 'relativeMCE', corruptions.reference?.relativeMCE);
    for (const { name, ce } of corruptions.reference?.byCorruption ?? []) add('corruption', { item: name }, 'ce', ce);
    for (const { name, severity, accuracy, stability } of corruptions.byCorruption) {
      add('corruption', { item: name, severity }, 'accuracy', accuracy);
      add('corruption', { item: name, severity }, 'stability', stability);
    }
  }
  addPressure(report, add);
  addStability(report, add);
  addBaseline(report, add);
  addShifts(report, add);
  addEnsemble(report, add);
  add('summary', {}, 'robustnessScore', summary.robustnessScore);
}

function addGroups(groups: Report['groups'], add: Add): void {
  for (const { name, accuracy, robustAccuracy } of groups?.rows ?? []) {
    add('group', { item: name }, 'accuracy', accuracy);
    for (const [threatModel, figure] of Object.entries(robustAccuracy)) {
      add('group', { item: name, threatModel }, 'robustAccuracy', figure);
    }
  }
  add('groups', {}, 'gap', groups?.clean.gap);
  for (const { threatModel, gap } of groups?.robust ?? []) add('groups', { threatModel }, 'gap', gap);
}

function addCalibration({ calibration, selective, confusion, perClass }: NonNullable<Report['clean']>, add: Add): void {
  for (const name of ['adaptiveEce', 'maximumCe', 'overconfidence'] as const)
    add('clean', {}, name, calibration?.[name]);
  for (const { low, high, confidence, accuracy } of calibration?.bins ?? []) {
    const item = `${low.toFixed(3)} to ${high.toFixed(3)}`;
    add('reliability', { item }, 'confidence', confidence);
    add('reliability', { item }, 'accuracy', accuracy);
  }
  for (const name of ['aurc', 'excessAurc'] as const) add('clean', {}, name, selective?.[name]);
  for (const { coverage, risk } of selective?.points ?? []) {
    add('riskCoverage', { item: coverage.toFixed(4) }, 'risk', risk);
  }
  for (const [t, row] of (confusion ?? []).entries()) {
    for (const [p, count] of row.entries()) {
      add('confusion', { item: `${perClass[t]?.label} as ${perClass[p]?.label}` }, 'count', count);
    }
  }
}

function addRegression(report: RegressionReport, add: Add): void {
  const { clean, threatModels } = report;
  addOutputShifts(report, add);
  addOutputCorruptions(report, add);
  for (const name of ['mae', 'rmse', 'r2', 'medianError', 'withinTolerance'] as const)
    add('clean', {}, name, clean?.[name]);
  for (const threat of threatModels) {
    const place = { threatModel: threat.name, epsilon: threat.epsilon };
    for (const name of ['mae', 'rmse', 'meanChange', 'maxChange'] as const) {
      add('worstCase', place, name, threat.worstCase?.[name]);
    }
    add('threatModel', place, 'withinTolerance', threat.withinTolerance);
    for (const attack of threat.attacks) {
      const of = { ...place, item: attack.name };
      add('attack', of, 'maeAfter', attack.maeAfter);
      for (const name of ['worsened', 'attempted', 'refused', 'forwards', 'backwards', 'seconds'] as const) {
        add('attack', of, name, attack[name]);
      }
    }
  }
}

/** RFC 4180; text that a spreadsheet would run as a formula gets an apostrophe. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
