import type { AttackThreat } from '../../attack/types';
import { addUniversal, universalStep } from '../../attack/universal';
import type { ResolvedUniversal } from '../../spec/beyond';
import type { UniversalState } from '../beyond';
import { addCost, besideCascade, recordBroken, standingOf } from '../credit';
import { argmax, where } from '../state';
import type { EvaluationFacts, Stage } from './stage';

/** Examples in a batch, and steps taken on each: few examples make few batches, and a direction takes many steps. */
const batch = 32;
const stepsOnBatch = 5;
/** Examples that a perturbation is made on at most. */
const mostExamples = 1000;
/** Shares of ε: long steps find a direction, short ones settle. */
const [firstStep, lastStep] = [0.25, 0.02];

/** Every other example, spread over data that may be sorted: the rest measures what was made. */
export function madeOn(count: number): Int32Array {
  const every = Math.max(2, Math.ceil(count / mostExamples));
  return where(count, (i) => i % every === 0);
}

function measuredOn(count: number): Int32Array {
  const used = new Set(madeOn(count));
  return where(count, (i) => !used.has(i));
}

export function emptyUniversal(settings: ResolvedUniversal, count: number): UniversalState {
  return { settings, delta: null, madeOn: madeOn(count).length, seen: 0, clean: 0, correct: 0, fooled: 0 };
}

/** The perturbation so far is in the state, where finished units put it: a resumed run goes on from there. */
export function universalStages(settings: ResolvedUniversal, threat: AttackThreat, facts: EvaluationFacts): Stage[] {
  const size = facts.shape.reduce((product, n) => product * n, 1);
  const epochs = Array.from(
    { length: settings.epochs },
    (_, epoch) => epochStage(settings, threat, size, epoch) as Stage,
  );
  return [...epochs, measureStage(settings, threat, size) as Stage];
}

function epochStage(
  { threatModel, epochs }: ResolvedUniversal,
  threat: AttackThreat,
  size: number,
  epoch: number,
): Stage<{ readonly delta: Float32Array }> {
  return {
    id: `universal/${threatModel}/${epoch}`,
    title: `Universal perturbation within ${threatModel}, pass ${epoch + 1} of ${epochs}`,
    kind: 'gradient',
    family: 'universal',
    passes: stepsOnBatch,
    chunk: batch,
    select: (state) => madeOn(state.count),
    async run({ x, y }, { oracle, state, signal }) {
      let delta = state.beyond.universal?.delta ?? new Float32Array(size);
      const share = firstStep * (lastStep / firstStep) ** (epochs === 1 ? 0 : epoch / (epochs - 1));
      for (let step = 0; step < stepsOnBatch; step++) {
        signal?.throwIfAborted();
        delta = await universalStep(delta, { oracle, x, y, threat, share });
      }
      return { delta };
    },
    apply({ beyond: { universal } }, _indices, { delta }) {
      if (universal) universal.delta = delta;
    },
  };
}

interface Measured {
  readonly correct: number;
  readonly fooled: number;
  /** [n]: distance at which the verifier confirmed that an example is broken; Infinity where it is not. */
  readonly reach: Float64Array;
}

const universal = { name: 'universal', title: 'Universal perturbation', needs: 'gradient' } as const;

function measureStage({ threatModel, epochs }: ResolvedUniversal, threat: AttackThreat, size: number): Stage<Measured> {
  return {
    id: `universal/${threatModel}/measure`,
    title: `Universal perturbation within ${threatModel} on examples that it has not seen`,
    kind: 'scores',
    family: 'universal-measure',
    passes: 1,
    chunk: 128,
    select: (state) => measuredOn(state.count),
    async run({ x, y, indices }, { oracle, verifier, state }) {
      const delta = state.beyond.universal?.delta ?? new Float32Array(size);
      const shifted = addUniversal(x, delta, threat);
      const prediction = argmax(await oracle.logits(shifted), oracle.classes);
      // What the model is wrong about without it, the verifier would confirm too.
      const { confirmed, distance } = await verifier.confirm({ x, adversarial: shifted, y, threat });
      const reach = new Float64Array(y.length).fill(Number.POSITIVE_INFINITY);
      let [correct, fooled] = [0, 0];
      for (const [i, index] of indices.entries()) {
        const before = state.prediction[index];
        if (before === y[i] && confirmed[i] === 0) correct++;
        else if (before === y[i]) reach[i] = Math.min(threat.epsilon, distance[i]!);
        if (prediction[i] !== before) fooled++;
      }
      return { correct, fooled, reach };
    },
    apply(state, indices, { correct, fooled, reach }) {
      const seen = state.beyond.universal;
      if (!seen) return;
      seen.seen += indices.length;
      seen.correct += correct;
      seen.fooled += fooled;
      for (const index of indices) if (state.prediction[index] === state.label[index]) seen.clean++;
      const of = state.threats.find((each) => each.threat.name === threatModel);
      // It was made with gradients: an attacker who sees none did not find it.
      if (of?.threat.knowledge !== 'white-box') return;
      const budget = { iterations: epochs, restarts: 1, queries: 0 };
      const tally = besideCascade(of, 'Universal perturbation, made on other examples', universal, budget);
      addCost(tally, standingOf(of, indices), { refused: 0, forwards: indices.length, backwards: 0, seconds: 0 });
      indices.forEach((index, i) => {
        recordBroken(of, index, reach[i]!, tally);
      });
    },
  };
}
