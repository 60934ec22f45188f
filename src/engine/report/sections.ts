import { basename } from 'node:path/posix';
import { definitions } from '../metric/definitions';
import { baselineSection } from './baselineSections';
import { beyondSections } from './beyondSections';
import { budgetText } from './budget';
import { calibrationSections } from './calibrationSections';
import { cleanSections } from './cleanSections';
import { corruptionSection } from './corruptionSections';
import { shortThreat } from './describe';
import { ensembleSections } from './ensembleSections';
import { corruptionParameters } from './outputCorruptionSections';
import { recommendationSection } from './recommendationSections';
import { type AnyReport, isRegression } from './regression';
import { regressionSections } from './regressionSections';
import type { Report, ThreatModelReport } from './schema';
import type { Section } from './section';
import { outputShiftSections, shiftSections } from './shiftSections';
import { stabilitySection } from './stabilitySections';
import { targets } from './targets';
import { textSection } from './textSections';
import { signalToNoiseText } from './waveformSections';
import { duration, isComplete, labelsText, orDash, robustText, suiteText, withInterval } from './words';

/** All parts of a report in reading order, without the pitfalls and the gallery, which each rendering lays out itself. */
export function sections(report: AnyReport): Section[] {
  if (isRegression(report)) {
    return [...regressionSections(report), ...outputShiftSections(report), gates(report), provenance(report)].filter(
      (section) => section !== null,
    );
  }
  return [
    headline(report),
    baselineSection(report),
    recommendationSection(report),
    ...report.threatModels.flatMap((threat) => [
      cascade(threat),
      targets(threat),
      ladder(threat, report),
      curve(threat),
      minimalNorm(threat),
    ]),
    ...ensembleSections(report),
    textSection(report),
    ...cleanSections(report),
    corruptionSection(report),
    stabilitySection(report),
    corruptionParameters(report.corruptions?.byCorruption ?? []),
    ...calibrationSections(report),
    ...beyondSections(report),
    ...shiftSections(report),
    perClass(report),
    gates(report),
    provenance(report),
  ].filter((section) => section !== null);
}

export function modelName(report: Pick<AnyReport, 'model'>): string {
  return basename(report.model.path);
}

function headline(report: Report): Section {
  const complete = isComplete(report);
  return {
    title: 'Clean versus robust',
    paragraphs: [
      `Over ${report.data.count} examples, with 95 % intervals.`,
      `Robust accuracy: ${definitions.robustAccuracy.text}`,
      `Attack success rate: ${definitions.attackSuccessRate.text}`,
      ...scores(report),
    ],
    table: {
      columns: ['Threat model', 'Clean accuracy', 'Robust accuracy', 'Certified', 'Attack success rate', 'Degradation'],
      rows: report.threatModels.map((threat) => [
        `${threat.name} (${shortThreat(threat)})`,
        orDash(report.clean?.accuracy),
        robustText(threat, complete),
        threat.certifiedAccuracy ? `≥ ${withInterval(threat.certifiedAccuracy)}` : 'not computed',
        orDash(threat.attackSuccessRate),
        threat.degradation ?? '–',
      ]),
    },
  };
}

function scores({ summary, corruptions }: Report): string[] {
  const lines: string[] = [];
  if (summary.robustnessScore !== null) {
    lines.push(`Robustness score ${summary.robustnessScore.toFixed(2)}. ${definitions.robustnessScore.text}`);
  }
  if (corruptions) {
    lines.push(`Stability index ${withInterval(corruptions.stabilityIndex)}. ${definitions.stabilityIndex.text}`);
  }
  return lines;
}

function cascade(threat: ThreatModelReport): Section {
  return {
    title: `Attacks: ${threat.name}`,
    paragraphs: [threat.description, suiteText(threat), signalToNoiseText(threat)].filter((text) => text !== null),
    table: {
      columns: [
        'Attack',
        'Accuracy after',
        threat.target ? 'Target reached' : 'Broken',
        threat.target ? 'Pairs attempted' : 'Attempted',
        'Refused by verifier',
        'Forward',
        'Backward',
        'Time',
      ],
      rows: threat.attacks.map((attack) => [
        titled(attack),
        withInterval(attack.accuracyAfter),
        String(attack.broken),
        String(attack.attempted),
        String(attack.refused),
        ...costs(attack),
      ]),
    },
  };
}

function titled(attack: ThreatModelReport['attacks'][number]): string {
  const budget = budgetText(attack);
  return budget === '' ? attack.title : `${attack.title} (${budget})`;
}

/** What a check or a measurement of a sample cost is not booked on the row: 0 would be a figure. */
function costs({ sample, forwards, backwards, seconds }: ThreatModelReport['attacks'][number]): string[] {
  if (sample && forwards === 0 && backwards === 0) return ['–', '–', '–'];
  return [String(forwards), String(backwards), duration(seconds)];
}

function ladder({ name }: ThreatModelReport, { checks }: Report): Section | null {
  const found = checks.ladder?.find(({ threatModel }) => threatModel === name);
  const sample = found?.rungs[0]?.accuracy.n;
  if (!found || sample === undefined) return null;
  return {
    title: `Weak and strong attacks: ${name}`,
    paragraphs: [
      `Ever stronger attacks on the same ${sample} examples. How far accuracy falls from the first to the last is what a weak evaluation would have claimed too much.`,
    ],
    table: {
      columns: ['Attack', 'Accuracy'],
      rows: found.rungs.map(({ title, accuracy }) => [title, withInterval(accuracy)]),
    },
  };
}

function curve(threat: ThreatModelReport): Section | null {
  if (threat.curve.length < 2) return null;
  return {
    title: `Robustness curve: ${threat.name}`,
    paragraphs: [definitions.curve.text],
    table: {
      columns: ['ε', 'Accuracy'],
      rows: threat.curve.map(({ epsilon, accuracy }) => [short(epsilon), withInterval(accuracy)]),
    },
  };
}

function minimalNorm({ name, norm, minimalNorm: found }: ThreatModelReport): Section | null {
  if (!found) return null;
  const open = (value: number | null) => (value === null ? '∞' : short(value));
  const { value, low, high } = found.median;
  return {
    title: `Smallest perturbations: ${name}`,
    paragraphs: [
      `Median ${open(value)} in ${norm} (${open(low)} to ${open(high)}), over ${found.n} examples, of which ${found.found} were broken at some distance. Looked for by ${found.attacks.join(', ')}.`,
      definitions.minimalNorm.text,
    ],
    table: {
      columns: ['Share of examples broken', 'ε'],
      rows: found.quantiles.map((quantile) => [`${Math.round(100 * quantile.q)} %`, open(quantile.value)]),
    },
  };
}

function perClass(report: Report): Section | null {
  if (!report.clean) return null;
  const threats = report.threatModels.map((threat) => threat.name);
  return {
    title: 'Per class',
    paragraphs: [],
    table: {
      columns: [
        'Class',
        'Examples',
        'Accuracy',
        'Precision',
        'F1',
        'ROC AUC',
        ...threats.map((name) => `Robust (${name})`),
      ],
      rows: report.clean.perClass.map((row) => [
        row.label,
        String(row.support),
        orDash(row.accuracy),
        orDash(row.precision),
        orDash(row.f1),
        orDash(row.rocAuc),
        ...threats.map((name) => orDash(row.robustAccuracy[name])),
      ]),
    },
  };
}

function gates({ gates }: AnyReport): Section | null {
  if (gates.length === 0) return null;
  return {
    title: 'Gates',
    paragraphs: [],
    table: {
      columns: ['Gate', 'Measured', 'Result'],
      rows: gates.map(({ expression, measured, pass }) => [
        expression,
        measured === null ? 'not measured' : measured.toFixed(4),
        pass ? 'passed' : 'failed',
      ]),
    },
  };
}

const precisionText = (types: readonly string[]) =>
  `${types.join(' and ')} in the file; attacks compute in float32, the verifier runs the file`;

function provenance(report: AnyReport): Section {
  const { model, data, environment } = report;
  const rows = [
    ['Model', `${model.path} (${model.parameters.toLocaleString('en')} parameters)`],
    ['Model SHA-256', model.sha256],
    ...(model.ensemble?.members ?? []).map(({ path, sha256 }) => ['Member', `${path}, SHA-256 ${sha256}`]),
    ...(model.bypassed === null ? [] : [['Bypassed', `${model.bypassed}, so that losses see logits`]]),
    ...(model.widened ? [['Precision', precisionText(model.widened)]] : []),
    ...(model.cutOff ? [['Cut off', `${model.cutOff.join(', ')}, for the verifier too: it returns maps`]] : []),
    ...(model.labelsOnly ? [['Labels', labelsText(model)]] : []),
    ['Gradient', gradientText(model)],
    ['Data', `${data.path} (${data.count} of ${data.available} examples)`],
    ['Data SHA-256', data.sha256],
    ['Spec', report.specPath ?? 'given by options'],
    ['Spec SHA-256', report.specSha256],
    ['Seed', String(report.seed)],
    ['Tool', `${report.tool.name} ${report.tool.version}`],
    ['ONNX Runtime', `${environment.onnxruntime} (${environment.executionProvider}, ${environment.threads} threads)`],
    ...(environment.providerReason
      ? [['Provider', `${environment.requestedProvider} was asked for: ${environment.providerReason}`]]
      : []),
    ...(environment.batchSize === undefined ? [] : [['Batch size', String(environment.batchSize)]]),
    ['Platform', `${environment.platform}, Node ${environment.node}`],
    ['Made', `${report.createdAt}, in ${duration(report.wallSeconds)}`],
    ...report.inferred.map((text) => ['Inferred', text]),
  ];
  return { title: 'Provenance', paragraphs: [], table: { columns: ['What', 'Value'], rows } };
}

/** An operator, and why it has no gradient where that is short. */
const withReason = (name: string, reasons: Readonly<Record<string, string>> | undefined) =>
  name === 'Tokenizer' && reasons?.[name] ? `the tokenizer: ${reasons[name]}` : name;

function gradientText({ gradient, ensemble }: AnyReport['model']): string {
  const { available, unavailable, straightThrough } = gradient;
  if (available && ensemble?.surrogate) return 'that of the mean of the probabilities, which stands in for the vote';
  if (!available)
    return `not available through ${unavailable.map((name) => withReason(name, gradient.reasons)).join(', ')}`;
  return straightThrough.length === 0 ? 'exact' : `straight-through estimate for ${straightThrough.join(', ')}`;
}

/** A number to three digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
