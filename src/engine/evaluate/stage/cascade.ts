import { inDataUnits } from '../../attack/constraint';
import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { imagePictures, vectorValues } from '../../report/gallery';
import type { GalleryItem } from '../../report/schema';
import { addCost, type Cost, recordBroken } from '../credit';
import { workKind } from '../estimate';
import { type Chunk, gather } from '../examples';
import { exampleOf, standing } from '../pairs';
import { argmax } from '../state';
import { type AttackOutcome, execute } from './execute';
import { type EvaluationFacts, overPairs, type Stage, type StageContext } from './stage';

interface CascadeResult {
  /** [n]: 1 where the verifier confirmed that the example is broken. */
  readonly confirmed: Uint8Array;
  /** [n]: distance at which the example is broken, at most ε; Infinity where it is not. */
  readonly reach: Float64Array;
  readonly cost: Cost;
  readonly trace: Float64Array;
  /** Examples whose first gradient was exactly zero; null if none was taken. */
  readonly zeroGradient: number | null;
  readonly gallery: readonly GalleryItem[];
}

export interface CascadeStep {
  /** Position of the threat model in the spec. */
  readonly threatIndex: number;
  /** Position of the attack in the cascade. */
  readonly attackIndex: number;
  readonly last: boolean;
  readonly threatName: string;
  readonly threat: AttackThreat;
  readonly attack: Attack;
  readonly budget: AttackBudget;
  readonly passes: number;
  /** Examples to show of this threat model. */
  readonly galleryQuota: number;
}

/** One attack of a threat model's cascade, over the examples that all attacks before it have left standing. */
export function cascadeStage(step: CascadeStep, facts: EvaluationFacts): Stage<CascadeResult> {
  const { threatIndex, attackIndex, attack } = step;
  return {
    id: `attack/${step.threatName}/${attackIndex}-${attack.name}`,
    title: `${attack.title} against ${step.threatName}`,
    kind: workKind(attack.needs),
    family: `attack/${attack.name}`,
    passes: step.passes,
    chunk: facts.unitSize,
    ...overPairs(threatIndex),
    select: (state) => {
      const threat = state.threats[threatIndex];
      return threat ? standing(state, threat) : new Int32Array();
    },
    async run(chunk, context) {
      const outcome = await execute(attack, step.budget, step.threat, chunk, context);
      const { confirmed, reach, cost, trace, zeroGradient } = outcome;
      return {
        confirmed,
        reach,
        cost,
        trace,
        zeroGradient: zeroGradient?.filter((zero) => zero === 1).length ?? null,
        gallery: await showcase(step, chunk, outcome, context),
      };
    },
    apply(state, indices, result) {
      const threat = state.threats[threatIndex];
      const tally = threat?.attacks[attackIndex];
      if (!threat || !tally) return;
      tally.started = true;
      addCost(tally, indices.length, result.cost);
      if (result.trace.length > 0) tally.traces.push({ weight: indices.length, trace: result.trace });
      indices.forEach((index, i) => {
        recordBroken(threat, index, result.reach[i] as number, tally);
        if (result.confirmed[i] === 1 || step.last) threat.settled[index] = 1;
      });
      threat.gallery.push(...result.gallery);
      if (result.zeroGradient !== null) {
        threat.zeroGradient.examples += indices.length;
        threat.zeroGradient.zero += result.zeroGradient;
      }
    },
    finish(state) {
      const threat = state.threats[threatIndex];
      const tally = threat?.attacks[attackIndex];
      // An attack that was left no example did run, and the report says so.
      if (tally) tally.started = true;
      // Examples that are wrong without an attack were settled before, and those of the wanted class have nothing to break.
      if (threat && step.last) threat.settled.fill(1);
    },
  };
}

/** Examples for the gallery: the first broken ones, each of another class as far as that goes. */
async function showcase(
  step: CascadeStep,
  chunk: Chunk,
  outcome: AttackOutcome,
  { state, oracle, facts }: StageContext,
): Promise<GalleryItem[]> {
  const of = state.threats[step.threatIndex];
  const shown = of?.gallery ?? [];
  const room = step.galleryQuota - shown.length;
  if (room <= 0) return [];
  const broken = [...outcome.confirmed.keys()].filter((i) => outcome.confirmed[i] === 1);
  const labels = new Set(shown.map((item) => item.trueLabel));
  const name = (index: number) => facts.classes[index] ?? `class ${index}`;
  const fresh: number[] = [];
  const rest: number[] = [];
  for (const i of broken) {
    const label = name(chunk.y[i] as number);
    (labels.has(label) ? rest : fresh).push(i);
    labels.add(label);
  }
  const chosen = [...fresh, ...rest].slice(0, room);
  if (chosen.length === 0) return [];

  const { classes, exampleSize: size } = oracle;
  const adversarial = gather(outcome.adversarial, chosen, size);
  const logits = await oracle.logits(adversarial);
  const predicted = argmax(logits, classes);
  return chosen.map((i, k) => {
    const index = of ? exampleOf(of, chunk.indices[i] as number) : (chunk.indices[i] as number);
    const before = chunk.x.subarray(i * size, (i + 1) * size);
    const after = adversarial.subarray(k * size, (k + 1) * size);
    const cleanLogits = state.logits.subarray(index * classes, (index + 1) * classes);
    const cleanClass = state.prediction[index] as number;
    const adversarialClass = predicted[k] as number;
    return {
      index,
      threatModel: step.threatName,
      attack: step.attack.name,
      trueLabel: name(chunk.y[i] as number),
      clean: { label: name(cleanClass), confidence: confidence(cleanLogits, cleanClass) },
      adversarial: {
        label: name(adversarialClass),
        confidence: confidence(logits.subarray(k * classes, (k + 1) * classes), adversarialClass),
      },
      distance: outcome.distance[i] as number,
      image: facts.kind === 'image' ? imagePictures(before, after, facts.shape, facts.range) : null,
      values:
        facts.kind !== 'image'
          ? vectorValues(inDataUnits(before, step.threat), inDataUnits(after, step.threat), facts.features)
          : null,
    };
  });
}

/** Softmax probability of a class. */
function confidence(logits: Float32Array, index: number): number {
  const highest = logits.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, value) => total + Math.exp(value - highest), 0);
  return Math.exp((logits[index] as number) - highest) / sum;
}
