import type { RegressionReport } from '../../report/regression';
import type { Report } from '../../report/schema';
import type { Finding, Technique } from '../types';
import { above, atMost, largest, listed } from '../words';

/** Points of accuracy that a shift may cost. */
const most = 0.05;
/** Share by which the error of a regression may rise. */
const mostRise = 0.25;

/** Where the data of use are others than those of training. */
export const domainAdaptation: Technique = {
  name: 'domain-adaptation',
  title: 'Adapt to the shifted data',
  sources: ['batchNorm'],
  recovered: (76.7 - 62.2) / 76.7,
  lost: 0,
  check({ shifts, data }: Report): Finding | null {
    const failing = shifts.map((shift, i) => ({ ...shift, i })).filter(({ drop }) => drop > most);
    if (failing.length === 0) return null;
    const names = listed(failing.map(({ name }) => name));
    return {
      triggers: failing.map(({ i, name, drop }) => above(`/shifts/${i}/drop`, `drop on ${name}`, drop, most)),
      why: `Accuracy falls by more than ${100 * most} points on ${names}.`,
      action: `Label some examples of ${names} and train on them too. Where there are no labels: ${data.kind === 'image' ? 'take the statistics of batch normalisation anew from the shifted data (the ONNX export must not have folded them)' : 'weigh the training examples by how likely they are under the shifted data'}.`,
      gates: failing.map(({ name }) => `shift(${name}).drop <= ${atMost(most)}`),
      shortfall: { corruption: largest(failing.map(({ drop }) => drop)) },
    };
  },
  checkOutputs({ shifts }: RegressionReport): Finding | null {
    const failing = (shifts ?? []).flatMap((shift, i) =>
      shift.rise !== null && shift.rise > mostRise ? [{ name: shift.name, rise: shift.rise, i }] : [],
    );
    if (failing.length === 0) return null;
    const names = listed(failing.map(({ name }) => name));
    return {
      triggers: failing.map(({ i, name, rise }) =>
        above(`/shifts/${i}/rise`, `rise of the error on ${name}`, rise, mostRise),
      ),
      why: `The error rises by more than ${100 * mostRise} % on ${names}.`,
      action: `Train on examples of ${names} too. What follows was measured on classifiers of images; for a regression the cost is not reported.`,
      gates: failing.map(({ name }) => `shift(${name}).rise <= ${atMost(mostRise)}`),
      shortfall: { corruption: largest(failing.map(({ rise }) => Math.min(1, rise))) },
    };
  },
};
