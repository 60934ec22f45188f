import type { EvidenceIndex, EvidenceReport, MeasuredThreat } from '../../../src/claim/evidence';
import { share } from '../../../src/engine/metric/interval';
import type { Figure } from '../../../src/engine/report/schema';

/** A share of `n` examples, with its interval. */
export const figure = (value: number, n = 200): Figure => share(Math.round(value * n), n);

export function threat(options: Partial<MeasuredThreat> & Pick<MeasuredThreat, 'norm' | 'epsilon'>): MeasuredThreat {
  return {
    name: `${options.norm}-${options.epsilon}`,
    epsilonText: String(options.epsilon),
    knowledge: 'white-box',
    goal: 'untargeted',
    robustAccuracy: null,
    certifiedAccuracy: null,
    attackSuccessRate: null,
    curve: [],
    attacks: [],
    ...options,
  };
}

/** A row of the cascade. */
export const ran = (name: string, accuracyAfter: Figure, iterations: number, restarts = 1) => ({
  name,
  accuracyAfter,
  iterations,
  restarts,
});

export function report(options: Partial<EvidenceReport> = {}): EvidenceReport {
  const model = options.model ?? 'models/net.onnx';
  return {
    path: `.robustness/${model.replace(/^.*\/|\.onnx$/g, '')}.robustness.json`,
    model,
    createdAt: '2026-01-01T00:00:00Z',
    stale: false,
    changed: options.stale ? [{ what: 'model', words: `the model file ${model} changed` }] : [],
    unknown: [],
    data: 'data/test.npz',
    classes: 10,
    count: 200,
    unit: 255,
    clean: figure(0.95),
    metrics: {},
    threatModels: [
      threat({
        norm: 'linf',
        epsilon: 0.1,
        robustAccuracy: figure(0.62),
        attackSuccessRate: figure(0.347, 190),
        curve: [
          { epsilon: 0, accuracy: figure(0.95) },
          { epsilon: 0.05, accuracy: figure(0.81) },
          { epsilon: 0.1, accuracy: figure(0.62) },
          { epsilon: 0.2, accuracy: figure(0.12) },
        ],
        attacks: [ran('pgd', figure(0.64), 40)],
      }),
    ],
    corruptions: null,
    shifts: [],
    spatial: null,
    universal: null,
    alone: [],
    regression: null,
    pitfalls: [],
    ...options,
  };
}

export const index = (...reports: EvidenceReport[]): EvidenceIndex => ({ reports });
