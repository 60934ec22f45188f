import { linearArithmeticRules } from '../src/engine/gradient/adjoint/arithmetic';
import { convolutionRules } from '../src/engine/gradient/adjoint/convolution';
import { einsumRules } from '../src/engine/gradient/adjoint/einsum';
import { gatherRules } from '../src/engine/gradient/adjoint/gather';
import { matmulRules } from '../src/engine/gradient/adjoint/matmul';
import { batchNormalizationRules } from '../src/engine/gradient/adjoint/normalization';
import { averagePoolRules } from '../src/engine/gradient/adjoint/pool';
import { linearReductionRules } from '../src/engine/gradient/adjoint/reduction';
import { resizeRules } from '../src/engine/gradient/adjoint/resize';
import { scanRules } from '../src/engine/gradient/adjoint/scan';
import { shapeRules } from '../src/engine/gradient/adjoint/shape';
import { activationRules } from '../src/engine/gradient/derivative/activation';
import { arithmeticRules } from '../src/engine/gradient/derivative/arithmetic';
import { classicalRules } from '../src/engine/gradient/derivative/classical';
import { determinantRules } from '../src/engine/gradient/derivative/determinant';
import { normalizationRules } from '../src/engine/gradient/derivative/normalization';
import { poolRules } from '../src/engine/gradient/derivative/pool';
import { quantizedRules } from '../src/engine/gradient/derivative/quantized';
import { reductionRules } from '../src/engine/gradient/derivative/reduction';
import { selectionRules } from '../src/engine/gradient/derivative/selection';
import { stepRules } from '../src/engine/gradient/derivative/step';
import { trigonometricRules } from '../src/engine/gradient/derivative/trigonometric';
import type { RuleEntry } from '../src/engine/gradient/rule';
import { differentiableOperators, ruleOf } from '../src/engine/gradient/table';
import { attentionLowerings } from '../src/engine/onnx/lower/attention';
import { classicalLowerings } from '../src/engine/onnx/lower/classical';
import { normalizationLowerings } from '../src/engine/onnx/lower/normalization';
import { loweredOperators } from '../src/engine/onnx/lower/operators';
import { recurrentLowerings } from '../src/engine/onnx/lower/recurrent';

/** Families in the order of the page, by the tables that hold their operators; an operator is in the first that has it. */
const families: readonly (readonly [string, ...object[]])[] = [
  ['Arithmetic', linearArithmeticRules, arithmeticRules],
  ['Trigonometric and hyperbolic', trigonometricRules],
  ['Activations and losses', activationRules],
  ['Products and determinants', matmulRules, einsumRules, determinantRules],
  ['Convolution', convolutionRules],
  ['Pictures', resizeRules],
  ['Pooling', averagePoolRules, poolRules],
  ['Normalisation', batchNormalizationRules, normalizationRules, normalizationLowerings],
  ['Reductions', linearReductionRules, reductionRules],
  ['Shape', shapeRules],
  ['Gathering and scattering', gatherRules, selectionRules],
  ['Along an axis', scanRules],
  ['Attention', attentionLowerings],
  ['Recurrent', recurrentLowerings],
  ['Quantised', quantizedRules],
  ['Classical (ai.onnx.ml)', classicalRules, classicalLowerings],
  ['Steps, comparisons, sizes, noise', stepRules],
];
const rest = 'Others of ONNX Runtime';

/** Taken apart by `onnx/lower/controlFlow.ts`, and by nothing but what the graph shows. */
const controlFlow = ['If', 'Loop', 'Scan'];

const treatments = ['exact, linear', 'exact', 'straight-through', 'zero', 'taken apart'] as const;
type Treatment = (typeof treatments)[number];

function entryOf(operator: string): RuleEntry | undefined {
  const [domain, opType] = operator.includes(':') ? operator.split(':') : ['', operator];
  return ruleOf({ domain: domain!, opType: opType! });
}

function treatmentOf(operator: string): Treatment {
  const entry = entryOf(operator);
  if (!entry) return 'taken apart';
  if (entry.kind !== 'exact') return entry.kind;
  return entry.linearIn === 'all' || entry.linearIn.length > 0 ? 'exact, linear' : 'exact';
}

/** Whether an operator has a gradient, by a rule or once it is taken apart. */
export function isCovered(operator: string): boolean {
  return entryOf(operator) !== undefined || loweredOperators.includes(operator) || controlFlow.includes(operator);
}

/** All operators that have a gradient, by family and how it is taken: a table in Markdown. */
export function operatorTable(): string {
  const all = [...new Set([...differentiableOperators, ...loweredOperators])].sort();
  const familyOf = (operator: string) =>
    families.find(([, ...tables]) => tables.some((table) => Object.hasOwn(table, operator)))?.[0] ?? rest;
  const rows = [...families.map(([family]) => family), rest].flatMap((family) => {
    const members = all.filter((operator) => familyOf(operator) === family);
    return treatments.flatMap((treatment) => {
      const names = members.filter((operator) => treatmentOf(operator) === treatment);
      return names.length === 0 ? [] : [`| ${family} | ${treatment} | ${listed(names)} |`];
    });
  });
  const control = `| Control flow | taken apart | ${listed(controlFlow)} |`;
  return ['| Family | Gradient | Operators |', '| --- | --- | --- |', ...rows, control].join('\n');
}

const listed = (names: readonly string[]) =>
  names.map((name) => `\`${name.replace('com.microsoft:', 'ms:').replace('ai.onnx.ml:', 'ml:')}\``).join(' ');

const [begin, end] = ['<!-- operators: written by scripts/make-operators.ts -->', '<!-- /operators -->'];

/** The page with its table made anew. */
export function withOperatorTable(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('the page has no place for the table of operators');
  return `${page.slice(0, from + begin.length)}\n\n${operatorTable()}\n\n${page.slice(to)}`;
}
