import type { EvidenceReport } from '../evidence';
import { conditionOf, interval } from './agree';

/** What a report measured, one line each, for a hover. */
export function describe(report: EvidenceReport): string[] {
  const lines = report.clean ? [`clean accuracy ${interval(report.clean)}, n = ${report.clean.n}`] : [];
  for (const threat of report.threatModels) {
    const goal = threat.goal === 'targeted' ? ', targeted' : '';
    if (threat.robustAccuracy)
      lines.push(
        `robust accuracy at most ${interval(threat.robustAccuracy)} (${conditionOf(threat)}, ${threat.knowledge}${goal})`,
      );
    if (threat.certifiedAccuracy)
      lines.push(`certified accuracy ${interval(threat.certifiedAccuracy)} (${conditionOf(threat)})`);
  }
  if (report.corruptions) lines.push(`mean accuracy under corruptions ${interval(report.corruptions.meanAccuracy)}`);
  for (const { name, accuracy } of report.shifts) lines.push(`accuracy on ${name} ${interval(accuracy)}`);
  if (report.spatial)
    lines.push(
      `worst case over rotations of ${report.spatial.rotation}° and shifts of ${report.spatial.translation} pixels ${interval(report.spatial.worstCase)}`,
    );
  if (report.regression) lines.push(...ofRegression(report.regression));
  return lines;
}

function ofRegression({ clean, threatModels }: NonNullable<EvidenceReport['regression']>): string[] {
  const lines = clean ? [`clean MAE ${short(clean.mae.value)}, n = ${clean.mae.n}`] : [];
  for (const threat of threatModels) {
    const { worstCase, withinTolerance } = threat;
    if (worstCase)
      lines.push(
        `worst-case MAE at least ${short(worstCase.mae.value)}, largest change ${short(worstCase.maxChange)} (${conditionOf(threat)}, ${threat.knowledge})`,
      );
    if (withinTolerance) lines.push(`within tolerance ${interval(withinTolerance)} (${conditionOf(threat)})`);
  }
  return lines;
}

const short = (value: number) => String(Number(value.toPrecision(4)));
