import type { Oracle } from '../attack/types';
import { type VerifierModel, verifierDraws } from '../attack/verify';
import type { OpenedModel } from '../model';
import { defaultPasses, expectationOver } from '../oracle/eot';
import type { ResolvedSpec } from '../spec/schema';

/** A model as attacks and verifier see it, where its forward pass may be random. */
export interface SettledModel {
  readonly oracle: Oracle;
  readonly verifierModel: VerifierModel;
  /** What the report must say of it. */
  readonly notes: readonly string[];
}

/**
 * A model whose forward pass is random is attacked in expectation, and verified by majority. One that is not random is left
 * alone, whatever the spec says of passes: the mean of equal numbers costs time and tells nothing.
 */
export function settleRandomness(opened: OpenedModel, spec: Pick<ResolvedSpec, 'eot' | 'threatModels'>): SettledModel {
  const { oracle, original, facts } = opened;
  const verifierModel: VerifierModel = {
    predict: (x) => original.predict(x),
    classes: oracle.classes,
    exampleSize: oracle.exampleSize,
    ...(oracle.free === undefined ? {} : { free: oracle.free }),
  };
  const planned = spec.threatModels.flatMap(({ attacks }) => attacks.map(({ eot }) => eot ?? 1));
  const asked = spec.eot ?? Math.max(1, ...planned);
  if (facts.random === undefined || facts.random.length === 0) {
    const notes = asked > 1 ? ['the model draws no random numbers, so no pass was averaged with others'] : [];
    return { oracle, verifierModel, notes };
  }
  const passes = spec.eot ?? Math.max(defaultPasses, asked);
  return {
    oracle: expectationOver(oracle, passes),
    verifierModel: { ...verifierModel, draws: verifierDraws },
    notes: [
      `the model draws random numbers (${facts.random.join(', ')}): scores, losses and gradients are means over ${passes} passes (EOT)`,
      `an example of this random model counts as broken if the original is wrong in most of ${verifierDraws} runs; its figures are expected ones, and another run may differ by chance`,
    ],
  };
}
