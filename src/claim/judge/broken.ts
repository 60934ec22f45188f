import type { EvidenceReport, MeasuredThreat } from '../evidence';
import { conditionOf, contradicted, interval } from './agree';
import { type Point, placed } from './measured';
import type { Outcome } from './types';

/** Whether attacks leave less than guessing would. */
export function isBroken({ figure }: Pick<Point, 'figure'>, report: EvidenceReport): boolean {
  return figure.high < 1 / Math.max(2, report.classes);
}

export const notRobust = (point: Point): Outcome =>
  contradicted(
    `The report measured a robust accuracy of at most ${interval(point.figure)} (${point.at}): the model is not robust; withdraw the claim or retrain.`,
    point.pointer,
  );

/** Of a claim of bare robustness: the threat model that leaves most, if even that is below chance. */
export function collapsed(report: EvidenceReport): Point | null {
  const own = placed(report).flatMap(({ threat, place }): Point[] =>
    threat.robustAccuracy ? [ownPoint(threat, place, threat.robustAccuracy)] : [],
  );
  const best = own.sort((a, b) => b.figure.value - a.figure.value)[0];
  return best && isBroken(best, report) ? best : null;
}

const ownPoint = (threat: MeasuredThreat, place: number, figure: Point['figure']): Point => ({
  threat,
  place,
  figure,
  pointer: `/threatModels/${place}/robustAccuracy`,
  at: conditionOf(threat),
  epsilon: threat.epsilon,
  own: true,
});
