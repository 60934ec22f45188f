import type { Report, ThreatModelReport } from '../../report/schema';
import { boundsOf, chance, relativeEpsilon } from '../evidence';
import type { Finding, PitfallRule } from '../types';
import { percent, short } from '../words';

/** ε does not fit the data: in the wrong units, or such that every model or none is robust. */
export const epsilonOutOfScale: PitfallRule = {
  name: 'epsilon-out-of-scale',
  severity: 'error',
  source:
    'Carlini et al., On Evaluating Adversarial Robustness, 2019, "Perform Basic Sanity Tests": at an ℓ∞ distortion of 0.5 any image can be made solid grey',
  check(report) {
    return report.threatModels.flatMap((threat) => {
      const found = fault(report, threat);
      return found === null ? [] : [{ evidence: scale(report, threat), ...found }];
    });
  },
};

function fault(report: Report, threat: ThreatModelReport): Omit<Finding, 'evidence'> | null {
  const { name, epsilon, epsilonText, norm } = threat;
  if (epsilon === 0) {
    return {
      message: `ε = 0 in ${name} lets the attacker change nothing, so its figure is the clean accuracy.`,
      advice: 'Give the ε that an attacker really has.',
    };
  }
  const relative = relativeEpsilon(report, threat);
  if (relative !== null && relative >= 1) {
    const { unit } = report.data;
    const stored = unit > 1 && epsilon >= 1 ? ` If it counts stored values, write ${epsilonText}/${unit}.` : '';
    return {
      message: `ε = ${epsilonText} in ${name} spans the whole range of the data: it is in other units than they are.`,
      advice: `Give ε in data space, that is stored value / ${unit}, before normalisation.${stored}`,
    };
  }
  if (relative !== null && relative >= 0.5) {
    const robust = threat.robustAccuracy?.value ?? 0;
    const impossible = report.status.state === 'complete' && robust > chance(report);
    return {
      severity: impossible ? 'error' : 'warning',
      message: impossible
        ? `${percent(robust)} robust at ε = ${epsilonText} (${name}) cannot be: every example can be made uniform grey.`
        : `At ε = ${epsilonText} (${name}) every example can be made uniform grey, so no model can be robust.`,
      advice: 'Choose an ε under which a person still recognises the class.',
    };
  }
  const step = quantum(report);
  if (step !== null && norm !== 'l0' && epsilon < step) {
    return {
      severity: 'warning',
      message: `ε = ${epsilonText} in ${name} is less than one step of the stored data (${short(step)}): no file can hold the change.`,
      advice: `Choose ε ≥ 1/${report.data.unit}, or say that the attacker sits behind the decoder.`,
    };
  }
  return null;
}

/** Distance of neighbouring values, where stored whole numbers were divided by a unit. */
function quantum({ data: { unit, kind } }: Report): number | null {
  return kind === 'image' && unit > 1 && Number.isInteger(unit) ? 1 / unit : null;
}

function scale(report: Report, threat: ThreatModelReport): string[] {
  const bounds = boundsOf(report, threat);
  const relative = relativeEpsilon(report, threat);
  return [
    `${threat.norm} ball of radius ${threat.epsilonText} (${short(threat.epsilon)}) in data space`,
    bounds === null
      ? 'data without bounds'
      : `values from ${short(bounds[0])} to ${short(bounds[1])}, unit ${report.data.unit}`,
    ...(relative === null ? [] : [`ε is ${percent(relative)} of the largest distance that the bounds allow`]),
  ];
}
