import { definitions } from '../metric/definitions';
import type { AttackedCalibration, CorruptedCalibration } from './calibration';
import type { Report } from './schema';
import type { Section } from './section';
import { percent, withInterval } from './words';

/** One line of the table: clean data, a severity, or an attacker. */
interface Line {
  readonly data: string;
  readonly accuracy: number;
  readonly meanConfidence: number;
  readonly overconfidence: number;
  readonly ece: number;
  readonly aurc: number;
  readonly excessAurc: number;
  readonly brier: number;
}

/** Corruptions with the worst calibration that are named. */
const mostNamed = 3;

/** Whether confidences can still be trusted on clean, corrupted and attacked data. */
export function calibrationSections({ clean, calibration }: Pick<Report, 'clean' | 'calibration'>): Section[] {
  if (!calibration) return [];
  const { corrupted, attacked } = calibration;
  const lines = linesOf(clean, corrupted, attacked);
  return [
    {
      title: 'Calibration under pressure',
      paragraphs: [
        ...(corrupted ? [corruptedText(corrupted)] : []),
        ...attacked.map(attackedText),
        `${definitions.aurc.title}: ${definitions.aurc.text}`,
      ],
      table: {
        columns: [
          'Data',
          'Accuracy',
          definitions.meanConfidence.title,
          definitions.overconfidence.title,
          definitions.ece.title,
          'AURC',
          definitions.excessAurc.title,
          definitions.brier.title,
        ],
        rows: lines.map((line) => [
          line.data,
          percent(line.accuracy),
          percent(line.meanConfidence),
          signed(line.overconfidence),
          percent(line.ece),
          line.aurc.toFixed(3),
          line.excessAurc.toFixed(3),
          line.brier.toFixed(3),
        ]),
      },
    },
  ];
}

function linesOf(
  clean: Report['clean'],
  corrupted: CorruptedCalibration | undefined,
  attacked: readonly AttackedCalibration[],
): Line[] {
  return [
    ...cleanLine(clean),
    ...(corrupted?.bySeverity ?? []).map(({ severity, ...figures }) => ({
      data: `Corrupted, severity ${severity}`,
      ...figures,
    })),
    ...attacked.map(({ threatModel, overconfidence, meanConfidence, ece, aurc, excessAurc, brier }) => ({
      data: `Attacked, ${threatModel}`,
      accuracy: meanConfidence.value - overconfidence.value,
      meanConfidence: meanConfidence.value,
      overconfidence: overconfidence.value,
      ece: ece.value,
      aurc: aurc.value,
      excessAurc: excessAurc.value,
      brier: brier.value,
    })),
  ];
}

/** Reports of earlier versions lack some of it. */
function cleanLine(clean: Report['clean']): Line[] {
  const { calibration, selective, ece, brier, accuracy } = clean ?? {};
  if (!calibration || !selective || !ece || !brier || !accuracy) return [];
  return [
    {
      data: 'Clean',
      accuracy: accuracy.value,
      meanConfidence: accuracy.value + calibration.overconfidence.value,
      overconfidence: calibration.overconfidence.value,
      ece: ece.value,
      aurc: selective.aurc.value,
      excessAurc: selective.excessAurc.value,
      brier: brier.value,
    },
  ];
}

function corruptedText({ ece, byCorruption }: CorruptedCalibration): string {
  const worst = byCorruption.toSorted((a, b) => b.ece - a.ece).slice(0, mostNamed);
  const named = worst.map(({ title, severity, ece: own }) => `${title}, severity ${severity} (${percent(own)})`);
  return `Calibration error under corruption ${percent(ece)}; largest under ${named.join('; ')}. ${definitions.corruptedEce.text}`;
}

function attackedText({ threatModel, ece, broken, n, leftOut }: AttackedCalibration): string {
  const sure =
    broken.meanConfidence === null
      ? ''
      : ` Of its ${broken.n} adversarial examples the model is ${percent(broken.meanConfidence)} sure on average, and of ${withInterval(broken.sure)} at least 90 %.`;
  const without = leftOut === 0 ? '' : ` (${leftOut} more were broken by checks beside the attacks and are left out)`;
  return `${threatModel}: calibration error under attack ${withInterval(ece)}, over ${n} examples${without}.${sure} ${definitions.attackedEce.text}`;
}

/** `+3.1 points` */
function signed(difference: number): string {
  const text = Math.abs(100 * difference).toFixed(1);
  return `${difference < 0 ? '−' : '+'}${text} points`;
}
