import { RobustnessError } from '../../error';
import type { OpenedModel } from '../../model';
import type { ResolvedSpec } from '../../spec/schema';
import type { Subject } from '../prepare';
import { runStages } from '../run';
import type { ShiftWork } from '../shiftWork';
import type { EvaluationFacts } from '../stage/stage';
import type { Work } from '../work';
import { RegressionAssembler } from './assemble';
import { parseRegressionGate } from './gate';
import { planRegression } from './plan';
import type { OutputContext } from './stage';
import { emptyRegression, type RegressionState } from './state';

/** What an evaluation of a model that predicts numbers does. */
export function regressionWork(
  { dataset }: Pick<Subject, 'dataset'>,
  spec: ResolvedSpec,
  { oracle, original }: Pick<OpenedModel, 'oracle' | 'original'>,
  facts: EvaluationFacts,
  shifts: ShiftWork,
  signal: AbortSignal | undefined,
): Work {
  const outputs = oracle.classes;
  if (dataset.targets !== outputs) {
    throw new RobustnessError(
      'data/targets',
      `The data hold ${dataset.targets ?? 0} numbers a target, and the model predicts ${outputs}.`,
      'Check that the data belong to this model, and name its output as `output` and the targets as `labels`.',
    );
  }
  const names = spec.threatModels.map((threat) => threat.name);
  const gates = spec.gates.map((gate) => parseRegressionGate(gate, names, shifts.names));
  const plan = planRegression(spec, facts, outputs);
  const state = emptyRegression(spec.threatModels, facts.count, outputs, plan.attacks);
  const model = {
    predict: (x: Float32Array) => original.predict(x),
    classes: outputs,
    exampleSize: oracle.exampleSize,
    ...(oracle.free === undefined ? {} : { free: oracle.free }),
  };
  return {
    notes: plan.notes,
    assembler(frame) {
      const assembler = new RegressionAssembler(frame, spec, gates, shifts.assembler(frame));
      return (status, seconds) => assembler.assemble(state, status, seconds);
    },
    run: (options) =>
      runStages({
        ...options,
        stages: [
          ...plan.stages,
          ...shifts.stages<RegressionState, OutputContext>((x, context) => context.original.predict(x)),
        ],
        context: { oracle, original: model, facts, seed: spec.seed, state, ...(signal ? { signal } : {}) },
        onStage: (id) => shifts.onStage(id, state.predictions, options.journal, options.keyPrefix, signal),
      }),
  };
}
