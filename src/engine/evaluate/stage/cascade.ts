import { inDataUnits } from '../../attack/constraint';
import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { confidences } from '../../metric/confidence';
import { imagePictures, vectorValues } from '../../report/gallery';
import type { GalleryItem } from '../../report/schema';
import { textPieces } from '../../report/textDiff';
import { signalToPerturbation, waveformOf } from '../../report/waveform';
import { decodeText } from '../../text/codePoints';
import { addCost, type Cost, recordBroken } from '../credit';
import { workKind } from '../estimate';
import { type Chunk, gather } from '../examples';
import { exampleOf, standing } from '../pairs';
import { argmax, type RunState, type ThreatState } from '../state';
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
  /** [broken], of time series: signal over perturbation in dB. */
  readonly snr?: Float64Array;
  /** Of the confirmed ones in their order, the confidence in what is predicted and the Brier score; absent where the model gives labels alone. */
  readonly confidence?: Float32Array;
  readonly brier?: Float32Array;
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
      const { oracle } = context;
      const broken = [...confirmed.keys()].filter((i) => confirmed[i] === 1);
      const adversarial = gather(outcome.adversarial, broken, oracle.exampleSize);
      const logits = broken.length === 0 ? new Float32Array(0) : await oracle.logits(adversarial);
      const y = Int32Array.from(broken, (i) => chunk.y[i] as number);
      return {
        confirmed,
        reach,
        cost,
        trace,
        zeroGradient: zeroGradient?.filter((zero) => zero === 1).length ?? null,
        ...(facts.kind === 'series' ? { snr: decibels(chunk, broken, adversarial, facts.shape) } : {}),
        gallery: showcase(step, chunk, outcome, { broken, adversarial, logits }, context),
        ...(facts.labelsOnly || broken.length === 0 ? {} : confidences(logits, y, oracle.classes)),
      };
    },
    apply(state, indices, result) {
      const threat = state.threats[threatIndex];
      const tally = threat?.attacks[attackIndex];
      if (!threat || !tally) return;
      tally.started = true;
      addCost(tally, indices.length, result.cost);
      if (result.trace.length > 0) tally.traces.push({ weight: indices.length, trace: result.trace });
      recordWorst(state, threat, indices, result);
      indices.forEach((index, i) => {
        recordBroken(threat, index, result.reach[i] as number, tally);
        if (result.confirmed[i] === 1 || step.last) threat.settled[index] = 1;
      });
      threat.gallery.push(...result.gallery);
      if (result.snr) threat.snr.push(...result.snr);
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

/** Examples that the verifier confirmed as broken. */
interface BrokenExamples {
  /** Their positions in the chunk, ascending. */
  readonly broken: readonly number[];
  /** [broken, ...shape] */
  readonly adversarial: Float32Array;
  /** [broken, classes] at these. */
  readonly logits: Float32Array;
}

/** Keeps how sure the model is of the first adversarial example of each example. */
function recordWorst(
  state: RunState,
  of: ThreatState,
  indices: Int32Array,
  { confirmed, confidence, brier }: CascadeResult,
): void {
  if (!confidence || !brier) return;
  of.worst ??= {
    confidence: new Float32Array(state.count).fill(Number.NaN),
    brier: new Float32Array(state.count).fill(Number.NaN),
  };
  let k = 0;
  for (let i = 0; i < indices.length; i++) {
    if (confirmed[i] !== 1) continue;
    const example = exampleOf(of, indices[i]!);
    if (Number.isNaN(of.worst.confidence[example])) {
      of.worst.confidence[example] = confidence[k]!;
      of.worst.brier[example] = brier[k]!;
    }
    k++;
  }
}

/** Examples for the gallery: the first broken ones, each of another class as far as that goes. */
function showcase(
  step: CascadeStep,
  chunk: Chunk,
  outcome: AttackOutcome,
  { broken, adversarial, logits }: BrokenExamples,
  { state, oracle, facts }: StageContext,
): GalleryItem[] {
  const of = state.threats[step.threatIndex];
  const shown = of?.gallery ?? [];
  const room = step.galleryQuota - shown.length;
  if (room <= 0) return [];
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
  const predicted = argmax(logits, classes);
  return chosen.map((i) => {
    const k = broken.indexOf(i);
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
        facts.kind !== 'image' && facts.kind !== 'series' && facts.kind !== 'text'
          ? vectorValues(inDataUnits(before, step.threat), inDataUnits(after, step.threat), facts.features)
          : null,
      ...(facts.kind === 'text' ? { text: { pieces: textPieces(decodeText(before), decodeText(after)) } } : {}),
      ...(facts.kind === 'series' ? { waveform: waveformOf(before, after, facts.shape, facts.sampleRate) } : {}),
    };
  });
}

/** Signal over perturbation of each broken example, in dB. */
function decibels(
  { x }: Pick<Chunk, 'x'>,
  broken: readonly number[],
  adversarial: Float32Array,
  [channels = 1, frames = 1]: readonly number[],
): Float64Array {
  const size = channels * frames;
  return Float64Array.from(broken, (i, k) =>
    signalToPerturbation(
      x.subarray(i * size, (i + 1) * size),
      adversarial.subarray(k * size, (k + 1) * size),
      channels,
    ),
  );
}

/** Softmax probability of a class. */
function confidence(logits: Float32Array, index: number): number {
  const highest = logits.reduce((max, value) => Math.max(max, value), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, value) => total + Math.exp(value - highest), 0);
  return Math.exp((logits[index] as number) - highest) / sum;
}
