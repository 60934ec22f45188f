import { inspectModel } from '../../engine/model';
import { labelsText } from '../../engine/report/words';
import { type Command, exitCode, jsonOption } from '../command';
import { portOptions } from '../modelExamples';
import { textTable } from '../table';

export const inspectCommand: Command = {
  name: 'inspect',
  usage: 'MODEL [--json]',
  summary: 'Inputs, outputs and operators of a model; what can be differentiated, and why not.',
  options: { output: portOptions.output, ...jsonOption },
  positionals: { least: 1, most: 1 },
  async run(args, terminal) {
    const inspection = await inspectModel(args.positionals[0] as string, args.text('output'));
    if (args.flag('json')) {
      terminal.out(`${JSON.stringify(inspection, null, 2)}\n`);
      return exitCode.done;
    }
    const { facts, operators } = inspection;
    const border = ({ name, type, shape }: (typeof facts.inputs)[number]) => `${name}: ${type} [${shape.join(', ')}]`;
    terminal.out(`${facts.path}\n`);
    terminal.out(`  SHA-256     ${facts.sha256}\n`);
    terminal.out(`  opset       ${facts.opset}\n`);
    terminal.out(`  inputs      ${facts.inputs.map(border).join('; ')}\n`);
    terminal.out(`  outputs     ${facts.outputs.map(border).join('; ')}\n`);
    terminal.out(`  parameters  ${facts.parameters.toLocaleString('en')}\n`);
    terminal.out(`  batch       ${batchText[facts.batch]}\n`);
    if (inspection.text) {
      const { tokenizer } = inspection.text;
      terminal.out(
        `  text        token ids of a text; ${
          tokenizer
            ? `tokenizer ${tokenizer.path} (${tokenizer.kind}${tokenizer.maxTokens === null ? '' : `, at most ${tokenizer.maxTokens} tokens`})`
            : 'no tokenizer.json was found beside the model, and without one it cannot be evaluated'
        }\n`,
      );
    }
    if (inspection.series) {
      const { by, layout } = inspection.series;
      terminal.out(`  series      its first layers (${by}) go along time: ${seriesText[layout]}\n`);
    }
    if (facts.bypassed)
      terminal.out(`  scores      the last ${facts.bypassed} is bypassed, so that attacks see logits\n`);
    if (facts.widened)
      terminal.out(
        `  precision   ${facts.widened.join(' and ')} in the file; attacks compute in float32, the verifier runs the file\n`,
      );
    if (facts.labelsOnly) terminal.out(`  labels      ${labelsText(facts)}\n`);
    if (facts.cutOff)
      terminal.out(
        `  cut off     ${facts.cutOff.join(', ')} behind the scores, for the verifier too: it returns maps\n`,
      );
    terminal.out(`  gradient    ${gradientText(facts.gradient)}\n\n`);
    const rows = operators.map(({ name, count, gradient }) => [name, String(count), gradient]);
    terminal.out(textTable(['Operator', 'Count', 'Gradient'], rows));
    return exitCode.done;
  },
};

const batchText = {
  dynamic: 'any size',
  rewritten: 'fixed in the file, made dynamic and checked against the original',
  'fixed-1': 'one example at a time',
} as const;

const seriesText = {
  nct: 'channels by frames (nct)',
  ntc: 'frames by channels (ntc)',
  flat: 'frames of one channel',
} as const;

function gradientText(gradient: {
  available: boolean;
  unavailable: readonly string[];
  straightThrough: readonly string[];
  reasons?: Readonly<Record<string, string>> | undefined;
}): string {
  const why = (name: string) => (gradient.reasons?.[name] ? `${name} (${gradient.reasons[name]})` : name);
  if (gradient.unavailable.includes('Tokenizer'))
    return 'none: characters are discrete; attacks by scores and labels run';
  if (!gradient.available)
    return `not available through ${gradient.unavailable.map(why).join(', ')}; attacks on scores still run`;
  if (gradient.straightThrough.length > 0)
    return `available, with straight-through estimates for ${gradient.straightThrough.join(', ')}`;
  return 'available';
}
