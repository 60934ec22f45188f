import { type Certificate, certifyProperty } from '../../engine/certify/certify';
import { RobustnessError } from '../../engine/error';
import { type Arguments, type Command, exitCode, jsonOption } from '../command';
import { runtimeOptions, runtimeSettings } from '../runtimeOptions';

export const certifyCommand: Command = {
  name: 'certify',
  usage: 'MODEL --vnnlib FILE [--timeout S] [--json]',
  summary: 'Searches for a counterexample to a property; proofs are not available yet.',
  details: [
    'FILE is VNN-LIB 1.0, plain or gzip: bounds of the inputs X_0 … and what their outputs Y_0 … must not be.',
    '`falsified`: an input was found, and confirmed on the original model file. `unknown`: none was found, which proves nothing.',
    'A model is taken as numbers in, numbers out, in the order of its flattened tensors; no pre-processing is added.',
  ],
  options: {
    vnnlib: { type: 'string', value: 'FILE', help: 'Property to falsify.' },
    timeout: { type: 'string', value: 'S', help: 'Seconds to try; 60 if absent.' },
    seed: { type: 'string', value: 'N', help: 'Seed of the search; 0 if absent.' },
    data: { type: 'string', value: 'D.npz', help: 'Examples to certify (not available yet).' },
    norm: { type: 'string', value: 'N', help: 'Norm of the ball (not available yet).' },
    epsilon: { type: 'string', value: 'E', help: 'Radius of the ball (not available yet).' },
    method: { type: 'string', value: 'M', help: 'Way of proving (not available yet).' },
    ...runtimeOptions,
    ...jsonOption,
  },
  positionals: { least: 0, most: 1 },
  async run(args, terminal) {
    const property = args.text('vnnlib');
    const proving = (['data', 'norm', 'epsilon', 'method'] as const).some((name) => args.text(name) !== undefined);
    if (property === undefined || proving) {
      throw new RobustnessError(
        'usage/not-available',
        'Proving robustness is not available in this version.',
        'Give --vnnlib FILE to search for a counterexample, or use `robustness evaluate`, which bounds robust accuracy from above.',
      );
    }
    const model = args.positionals[0];
    if (model === undefined) {
      throw new RobustnessError('usage/arguments', '`certify` was given no model.', 'Give the path of an ONNX file.');
    }
    const result = await certifyProperty(model, property, {
      timeout: secondsOf(args),
      seed: args.integer('seed', 0) ?? 0,
      ...runtimeSettings(args),
    });
    terminal.out(args.flag('json') ? `${JSON.stringify(result, null, 2)}\n` : sentences(result));
    return exitCode.done;
  },
};

/** A day at most: what is longer is a slip of the keyboard. */
const longest = 86_400;

function secondsOf(args: Arguments): number {
  const text = args.text('timeout') ?? '60';
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds > 0 && seconds <= longest) return seconds;
  throw new RobustnessError('usage/number', `--timeout is "${text}".`, `Give seconds, above 0 and up to ${longest}.`);
}

function sentences({ verdict, seconds, counterexample, forwards, backwards, unavailable }: Certificate): string {
  const time = `${seconds.toFixed(1)} s`;
  if (verdict === 'robust') return 'robust: no input fulfils the conditions that the property sets for its inputs.\n';
  if (!counterexample) {
    const blind =
      unavailable.length > 0
        ? ` The model has no gradient (${unavailable.join(', ')}), so only its outputs were used.`
        : '';
    return `unknown: no counterexample was found in ${time} (${forwards} points, ${backwards} gradients), which proves nothing.${blind}\n`;
  }
  const { input, output, margin, rounded } = counterexample;
  return [
    `falsified: a counterexample was found in ${time} and confirmed on the original model file.`,
    `X: ${listed(input)}`,
    `Y: ${listed(output)}`,
    ...(margin === null ? [] : [`Its conditions hold by ${margin} (of the output) or more.`]),
    ...(rounded.length > 0
      ? [`${rounded.length} inputs are the float32 number nearest to an interval that holds none.`]
      : []),
    '',
  ].join('\n');
}

/** The first few; all are in the JSON. */
function listed(values: readonly number[], most = 12): string {
  const rest = values.length - most;
  return `${values.slice(0, most).join(' ')}${rest > 0 ? ` … (${rest} more with --json)` : ''}`;
}
