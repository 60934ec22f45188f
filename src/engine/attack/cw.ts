import { type AttackBox, attackBox } from './attackBox';
import { Closest } from './closest';
import { approach } from './finalSearch';
import { type Seeker, seek, unitLength } from './minimalWalk';
import { checkRequest } from './request';
import type { Attack, AttackRequest } from './types';

/** Constants of the authors' code: where the search for the weight begins, and by what it grows while nothing is found. */
const firstWeight = 1e-3;
const growth = 10;
/** Adam's (Kingma & Ba 2015), with the rate of the authors' code. */
const rate = 0.01;
const firstDecay = 0.9;
const secondDecay = 0.999;
/** Keeps the inverse hyperbolic tangent of a bound finite. */
const inset = 0.999999;
/** A run ends when, between one tenth of its iterations and the next, the loss falls by less than this share of it. */
const leastProgress = 1e-4;

/**
 * Carlini and Wagner's l2 attack: Adam on ‖x' − x‖² + c·max(z_y − max other z, 0), with x' in the bounds by a hyperbolic tangent,
 * and a search for the smallest c that succeeds. Slow and thorough. `budget.restarts` is the number of values of c tried.
 * Where the data have no bounds, or each feature its own, x' itself is optimized, and clipped.
 */
export const cw: Attack = {
  name: 'cw',
  title: 'Carlini and Wagner',
  needs: 'gradient',
  norms: ['l2'],
  targeted: true,
  minimal: true,
  defaults: { iterations: 1000, restarts: 9, queries: 0 },
  source: 'Carlini & Wagner, Towards Evaluating the Robustness of Neural Networks, IEEE S&P 2017, §V and §VI.A',
  async run(request) {
    checkRequest(cw, request);
    const { budget, y } = request;
    const closest = new Closest(request);
    const box = attackBox(request.threat, request.oracle.exampleSize);
    const zeroGradient = new Uint8Array(y.length);
    const searches = Array.from(y, () => ({ weight: firstWeight, low: 0, high: Number.POSITIVE_INFINITY }));
    for (let round = 0; round < Math.max(1, budget.restarts); round++) {
      const seekers = [...y.keys()]
        .filter((row) => !closest.within(row))
        .map((row) => begin(request, closest, box, row, searches[row]!.weight));
      await seek({ request, closest, loss: 'margin', iterations: budget.iterations }, seekers, (row, zero) => {
        if (round === 0 && zero) zeroGradient[row] = 1;
      });
      for (const { row, succeeded } of seekers) {
        const search = searches[row]!;
        if (succeeded()) search.high = search.weight;
        else search.low = search.weight;
        search.weight =
          search.high === Number.POSITIVE_INFINITY ? search.weight * growth : (search.low + search.high) / 2;
      }
    }
    await approach(request, closest);
    return { ...closest.result(), zeroGradient };
  },
};

interface Weighted extends Seeker {
  /** Whether any point of this run was misclassified. */
  succeeded(): boolean;
}

function begin(request: AttackRequest, closest: Closest, box: AttackBox, row: number, weight: number): Weighted {
  const { threat, budget, oracle } = request;
  const centre = closest.centre(row);
  const size = centre.length;
  const free = oracle.free ?? size;
  // A box of other sides for each feature is kept by clipping.
  const bounds = threat.constraints ? null : threat.bounds;
  const unit = unitLength(request);
  const half = unit / 2;
  const middle = bounds === null ? 0 : (bounds[0] + bounds[1]) / 2;
  const variable = new Float64Array(free);
  const tangent = new Float64Array(free);
  for (let i = 0; i < free; i++) {
    const share = Math.max(-1, Math.min(1, (centre[i]! - middle) / half));
    variable[i] = bounds === null ? centre[i]! : Math.atanh(inset * share);
  }
  const mean = new Float64Array(free);
  const variance = new Float64Array(free);
  const point = centre.slice();
  let iteration = 0;
  let succeeded = false;
  let finished = false;
  let checked = Number.POSITIVE_INFINITY;
  const place = () => {
    const { low, high } = box.around(centre);
    for (let i = 0; i < free; i++) {
      const v = variable[i]!;
      if (bounds === null) point[i] = Math.max(low[i]!, Math.min(high[i]!, v));
      else {
        const t = Math.tanh(v);
        tangent[i] = t;
        point[i] = middle + half * t;
      }
    }
  };
  place();
  return {
    row,
    point,
    succeeded: () => succeeded,
    get finished() {
      return finished;
    },
    advance(margin, gradient, broken) {
      if (broken) succeeded = true;
      const pull = margin < 0 ? weight : 0;
      let loss = margin < 0 ? -weight * margin : 0;
      iteration++;
      const firstCorrection = 1 - firstDecay ** iteration;
      const secondCorrection = 1 - secondDecay ** iteration;
      for (let i = 0; i < free; i++) {
        // Lengths in units of the range, so that c and the rate mean what they mean for images in [0, 1].
        const offset = (point[i]! - centre[i]!) / unit;
        loss += offset * offset;
        let slope = 2 * offset - pull * gradient[i]! * unit;
        if (bounds !== null) {
          const t = tangent[i]!;
          slope *= (1 - t * t) / 2;
        }
        const m = firstDecay * mean[i]! + (1 - firstDecay) * slope;
        const v = secondDecay * variance[i]! + (1 - secondDecay) * slope * slope;
        mean[i] = m;
        variance[i] = v;
        variable[i]! -= (rate * (m / firstCorrection)) / (Math.sqrt(v / secondCorrection) + 1e-8);
      }
      place();
      if (iteration % Math.max(1, Math.floor(budget.iterations / 10)) === 0) {
        if (loss > checked * (1 - leastProgress)) finished = true;
        checked = loss;
      }
    },
  };
}
