import type { LossName } from '../../engine/attack/types';
import { RobustnessError } from '../../engine/error';
import { openModel } from '../../engine/model';
import { type Command, exitCode, jsonOption } from '../command';
import { arraysOf, perturbed, portOptions, readModelExamples } from '../modelExamples';
import { checkLabels, requiredOption } from '../require';
import { runtimeOptions, runtimeSettings, sayProvider } from '../runtimeOptions';
import { saveArrays } from '../save';

export const gradientCommand: Command = {
  name: 'gradient',
  usage: 'MODEL --data D.npz [--loss ce|margin|dlr|mse] --out G.npz',
  summary: "The gradient of a loss with respect to the model's input.",
  details: [
    'D.npz holds x, [n, …] as the model takes it (8-bit values are divided by 255), and y, [n] class indices.',
    'The losses are those of classifiers; mse is not available yet.',
    'G.npz holds grad, [n, …] like x; loss, [n]; logits, [n, classes].',
    'For a model with several inputs, D.npz holds an array of each one’s name in place of x, and G.npz grad_NAME.',
  ],
  options: {
    data: { type: 'string', value: 'D.npz', help: 'Examples and labels.' },
    loss: { type: 'string', value: 'L', help: 'Loss; ce if absent.', choices: ['ce', 'margin', 'dlr', 'mse'] },
    out: { type: 'string', value: 'G.npz', help: 'Where to write the gradient.' },
    ...portOptions,
    ...runtimeOptions,
    ...jsonOption,
  },
  positionals: { least: 1, most: 1 },
  async run(args, terminal) {
    const out = requiredOption(args, 'out');
    const loss = args.text('loss') ?? 'ce';
    if (loss === 'mse') {
      throw new RobustnessError(
        'usage/not-available',
        'The gradient of the loss mse is not available yet.',
        'Use ce, margin or dlr; `robustness evaluate` drives the outputs of a regression up and down.',
      );
    }
    const model = args.positionals[0] as string;
    const examples = await readModelExamples(model, requiredOption(args, 'data'), perturbed(args));
    const { x, y, shape, record } = examples;
    const output = args.text('output');
    const preprocess = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;
    const opened = await openModel(model, {
      preprocess,
      exampleShape: shape,
      kind: 'vector',
      ...(record ? { record: { ...record, example: x.subarray(0, shape[0]) } } : {}),
      ...(output === undefined ? {} : { output }),
      ...runtimeSettings(args),
    });
    try {
      sayProvider(opened.oracle.provider, terminal);
      checkLabels(y, opened.oracle.classes);
      const result = await opened.oracle.gradient(x, y, loss as LossName);
      await saveArrays(out, {
        ...arraysOf('grad', result.gradient, examples),
        loss: { values: result.loss, shape: [y.length] },
        logits: { values: result.logits, shape: [y.length, opened.oracle.classes] },
      });
    } finally {
      await opened.release();
    }
    if (args.flag('json')) terminal.out(`${JSON.stringify({ out, loss, examples: y.length, shape })}\n`);
    else terminal.out(`Wrote the gradient of ${loss} at ${y.length} examples to ${out}.\n`);
    return exitCode.done;
  },
};
