import { RobustnessError } from '../error';
import type { Border, GraphFacts } from '../onnx/inspect';

/** Which of a model's inputs takes what of a tokenised text; null for those that it has not. */
export interface TextInputs {
  readonly ids: Border;
  readonly mask: Border | null;
  readonly types: Border | null;
  /** 0, 1, 2 ... */
  readonly positions: Border | null;
}

const integers = ['int64', 'int32'];
const roles = {
  ids: /^(input[_.]?ids?|token[_.]?ids?|ids|tokens)([_.:]\d+)?$/i,
  mask: /^((input|attention)[_.]?mask|mask|padding[_.]?mask)([_.:]\d+)?$/i,
  types: /^((token[_.]?)?(type|segment)[_.]?ids?|segments)([_.:]\d+)?$/i,
  positions: /^(position[_.]?ids?|positions)([_.:]\d+)?$/i,
} as const;

/** Whether a model takes whole numbers alone, as those do that take token ids. */
export function takesIntegers({ inputs }: Pick<GraphFacts, 'inputs'>): boolean {
  return inputs.length > 0 && inputs.every(({ type, shape }) => integers.includes(type) && shape.length === 2);
}

/**
 * What each input of a text model takes, by the names that exporters give.
 * @returns null where the model takes something other than token ids
 */
export function textInputs(facts: Pick<GraphFacts, 'inputs'>): TextInputs | null {
  if (!takesIntegers(facts)) return null;
  const [only, ...others] = facts.inputs;
  const named = (role: RegExp) => facts.inputs.find(({ name }) => role.test(name)) ?? null;
  const ids = named(roles.ids) ?? (others.length === 0 ? (only ?? null) : null);
  if (ids === null) return null;
  const found = { ids, mask: named(roles.mask), types: named(roles.types), positions: named(roles.positions) };
  const known = Object.values(found);
  return facts.inputs.every((input) => known.includes(input)) ? found : null;
}

/** Tokens that the model takes exactly, where its file fixes them; null where any number will do. */
export function fixedTokens({ ids }: TextInputs): number | null {
  const tokens = ids.shape[1];
  return typeof tokens === 'number' ? tokens : null;
}

/** Texts that the model takes at a time, where its file fixes them. */
export function fixedTexts({ ids }: TextInputs): number | null {
  const texts = ids.shape[0];
  return typeof texts === 'number' ? texts : null;
}

/** @throws `model/text-inputs` where a text was given to a model that takes none */
export function noTextInputs(facts: Pick<GraphFacts, 'inputs'>): RobustnessError {
  const list = facts.inputs.map(({ name, type, shape }) => `${name}: ${type} [${shape.join(', ')}]`).join('; ');
  return new RobustnessError(
    'model/text-inputs',
    `The spec names a column of text, and the model takes no token ids (it takes ${list}).`,
    'Remove `data.test.text`, or export the classifier with the inputs input_ids, attention_mask and token_type_ids.',
  );
}
