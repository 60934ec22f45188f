import type { EvidenceReport, MeasuredThreat } from '../evidence';
import type { StatedEpsilon } from '../extract';
import { conditionOf, inUnits, overreaching, sameEpsilon } from './agree';
import type { Measured, Outcome } from './types';

/** A threat model with its position in the report. */
export interface Placed {
  readonly threat: MeasuredThreat;
  readonly place: number;
}

export const placed = (report: EvidenceReport): Placed[] =>
  report.threatModels.map((threat, place) => ({ threat, place }));

/** A measured robust or certified accuracy. */
export interface Point extends Measured, Placed {
  readonly epsilon: number;
  /** At the threat model's own ε, where all of its attacks ran; one attack alone measured a curve. */
  readonly own: boolean;
}

/** What a report knows of robustness at an ε. */
export interface Found {
  /** At this ε, where it was measured. */
  readonly exact: Point | null;
  /** At the next larger ε: robustness there implies it at the smaller. */
  readonly above: Point | null;
  /** At the next smaller ε: what is lost there is lost at the larger. */
  readonly below: Point | null;
}

const fieldOf = (certified: boolean) => (certified ? 'certifiedAccuracy' : 'robustAccuracy');

/** Every measured point of the threat models: at their own ε, then along their curves. */
function points(threats: readonly Placed[], certified: boolean): Point[] {
  const field = fieldOf(certified);
  const own = threats.flatMap(({ threat, place }): Point[] => {
    const figure = threat[field];
    const pointer = `/threatModels/${place}/${field}`;
    return figure
      ? [{ threat, place, figure, pointer, at: conditionOf(threat), epsilon: threat.epsilon, own: true }]
      : [];
  });
  if (certified) return own;
  const curves = threats.flatMap(({ threat, place }) =>
    threat.curve.map(({ epsilon, accuracy }, i): Point => {
      const pointer = `/threatModels/${place}/curve/${i}/accuracy`;
      return {
        threat,
        place,
        figure: accuracy,
        pointer,
        at: conditionOf(threat, short(epsilon)),
        epsilon,
        own: false,
      };
    }),
  );
  return [...own, ...curves];
}

const short = (value: number) => String(Number(value.toPrecision(4)));

/** What was measured at an ε and around it, or why the claim goes beyond the report. */
export function measuredAt(
  report: EvidenceReport,
  threats: readonly Placed[],
  epsilon: StatedEpsilon,
  certified: boolean,
): Found | Outcome {
  const found = points(threats, certified);
  if (!threats.some(({ threat }) => threat[fieldOf(certified)]))
    return overreaching(
      certified
        ? 'This claims a certificate, but the report holds results of attacks alone; certify the model, or claim what the attacks show.'
        : 'The report holds no robust accuracy for this; evaluate it.',
    );
  const value = inUnits(
    epsilon.value,
    report.unit,
    threats.map(({ threat }) => threat),
  );
  const same = (point: { epsilon: number; threat: MeasuredThreat }) =>
    sameEpsilon(epsilon.value, point.epsilon, report.unit, point.threat.norm) ||
    sameEpsilon(value, point.epsilon, report.unit, point.threat.norm);
  const exact = found.find(same) ?? null;
  const largest = Math.max(...found.map((point) => point.epsilon));
  if (!exact && value > largest)
    return overreaching(
      `This claims ε = ${epsilon.text}, but the largest measured is ${short(largest)}; evaluate at this ε, or claim the smaller one.`,
    );
  const above = found.filter((point) => point.epsilon >= value).sort((a, b) => a.epsilon - b.epsilon)[0] ?? null;
  const below = found.filter((point) => point.epsilon <= value).sort((a, b) => b.epsilon - a.epsilon)[0] ?? null;
  return { exact, above, below };
}
