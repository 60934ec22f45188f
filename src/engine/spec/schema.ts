import { z } from 'zod';
import type { FeatureConstraints } from '../attack/constraint';
import type { EditRules } from '../attack/editRules';
import type { Fill } from '../corruption/types';
import { largestCharacters, mostCharacters } from '../text/codePoints';
import { type ResolvedSpatial, type ResolvedUniversal, spatialSchema, transferSchema, universalSchema } from './beyond';
import { type ClaimRuleName, claimRuleNames, type RuleSetting, ruleSettings } from './claimRules';
import { type CorruptionName, corruptionsSchema } from './corruptions';
import { editRulesSchema } from './edits';
import { type EnsembleTarget, ensembleSchemaOf } from './ensemble';
import { seriesSourceFields } from './series';
import { type ResolvedShift, shiftBaselinesSchema, shiftsSchemaOf } from './shifts';
import { type ResolvedStability, stabilitySchema } from './stability';
import type { SpecChanges } from './strengthen';

/** `0.03`, `"8/255"`: kept as written for people, resolved to a number for the machine. */
const fraction = z.union([
  z.number().nonnegative(),
  z.string().regex(/^\s*\d+(\.\d+)?(e-?\d+)?\s*(\/\s*\d+(\.\d+)?)?\s*$/i, 'a number or a fraction such as 8/255'),
]);

export const layoutSchema = z.enum(['nchw', 'nhwc', 'flat', 'nct', 'ntc']);

export const dataSourceSchema = z.strictObject({
  path: z.string().describe('File or folder, relative to this spec.'),
  format: z
    .enum(['npz', 'csv', 'jsonl', 'idx', 'cifar', 'folder', 'wav'])
    .optional()
    .describe('Inferred from the path if absent.'),
  inputs: z
    .union([z.string(), z.record(z.string(), z.string())])
    .optional()
    .describe(
      "npz: name of the array of examples; for a model with several inputs, an array for each by the model's name.",
    ),
  perturb: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      "Those of the model's inputs that attacks change; the others are passed through. Float inputs if absent.",
    ),
  labels: z
    .union([z.string(), z.number().int()])
    .optional()
    .describe('npz: name of the labels; csv: column by name or position; idx: path of the label file.'),
  text: z
    .union([z.string().min(1), z.number().int()])
    .optional()
    .describe(
      'Texts, for a model that takes token ids and has its tokenizer.json beside it: column by name or position (csv, tsv), or key (jsonl).',
    ),
  characters: z
    .number()
    .int()
    .positive()
    .max(largestCharacters)
    .optional()
    .describe(`Texts are cut after so many characters; ${mostCharacters} if absent.`),
  groups: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Figures by group of `data.test`: column (csv, labels.csv), array (npz), or `folder` for the folders below those of the classes.',
    ),
  layout: z
    .enum(['chw', 'hwc', 'hw', 'flat', 'ct', 'tc'])
    .optional()
    .describe('Layout of one stored example; ct and tc: channels and frames of a time series.'),
  ...seriesSourceFields,
  header: z.boolean().optional().describe('csv: whether the first line names the columns.'),
  delimiter: z.string().length(1).optional().describe('csv: separator of columns.'),
  limit: z.number().int().positive().optional().describe('Use at most this many examples.'),
});

export const preprocessSchema = z.strictObject({
  mean: z
    .union([z.number(), z.array(z.number())])
    .optional()
    .describe('Subtracted a channel, after division by `unit`.'),
  std: z
    .union([z.number().positive(), z.array(z.number().positive())])
    .optional()
    .describe('Divides a channel, after the mean.'),
  layout: layoutSchema.optional().describe("Layout of the model's input."),
  resize: z
    .tuple([z.number().int().positive(), z.number().int().positive()])
    .optional()
    .describe('[height, width] that images are resized to when they are read.'),
  channels: z.enum(['rgb', 'bgr', 'gray']).optional(),
});

export const featureSchema = z
  .strictObject({
    name: z.union([z.string(), z.number().int().nonnegative()]).describe('Column by name, or position from 0.'),
    scale: z.number().positive().optional().describe('ε is in units of this for the feature; 1 if absent.'),
    min: z.number().optional().describe('Smallest value that it can have, in data units.'),
    max: z.number().optional().describe('Largest value that it can have, in data units.'),
    immutable: z.boolean().optional().describe('Nobody can change it.'),
    integer: z.boolean().optional().describe('Whole numbers only.'),
    group: z.string().min(1).optional().describe('One-hot group: exactly one of its features is 1, the others 0.'),
    direction: z.enum(['increase', 'decrease']).optional().describe('It may only grow, or only fall.'),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min < max, {
    error: '`min` must be below `max`',
    path: ['min'],
  });

export const attackNames = [
  'fgsm',
  'pgd',
  'apgd-ce',
  'apgd-dlr',
  'apgd-t',
  'pgd-odi',
  'mt-pgd',
  'corner',
  'deepfool',
  'fab-t',
  'fab',
  'ddn',
  'fmn',
  'cw',
  'square',
  'sigma-zero',
  'sparse-rs',
  'rays',
  'surfree',
  'hopskipjump',
  'edits-beam',
  'edits-random',
] as const;

/** Suites of attacks, weakest first. */
export const suiteNames = ['quick', 'standard', 'plus', 'rand', 'thorough'] as const;
export type SuiteName = (typeof suiteNames)[number];

export const threatModelSchema = z.strictObject({
  name: z.string().min(1),
  norm: z.enum(['linf', 'l2', 'l1', 'l0', 'edits']).describe('edits: characters edited, of texts (Levenshtein).'),
  epsilon: fraction.describe('Radius in data units (before normalisation).'),
  bounds: z
    .tuple([z.number(), z.number()])
    .optional()
    .describe('Bounds of a value in data units; the data range if absent.'),
  knowledge: z.enum(['white-box', 'black-box-score', 'black-box-decision']).optional(),
  counts: z
    .enum(['pixels', 'values'])
    .optional()
    .describe('What ε of an l0 threat model counts: pixels, with all their channels (images), or single values.'),
  goal: z
    .enum(['untargeted', 'targeted'])
    .optional()
    .describe(
      'Whether any wrong class will do (untargeted, the stronger attacker), or a certain one has to be reached.',
    ),
  target: z
    .union([z.string().min(1), z.number().int().nonnegative()])
    .optional()
    .describe(
      'The class that a targeted attacker wants: least-likely, random (one of the others, by the seed), all (each of the others in turn), or a class by name or position from 0. random if absent.',
    ),
  queries: z.number().int().positive().optional().describe('Query budget an example for black-box attacks.'),
  suite: z
    .enum(suiteNames)
    .optional()
    .describe('Attacks and budgets: standard, plus and rand are those of AutoAttack; quick is a first look.'),
  attacks: z.array(z.enum(attackNames)).min(1).optional().describe('Overrides the attacks of the suite.'),
  iterations: z.number().int().positive().optional(),
  restarts: z.number().int().positive().optional(),
  minimalNorm: z
    .boolean()
    .optional()
    .describe(
      'Whether the smallest perturbations of a sample are looked for; if absent, in the suite thorough and where an attack of minimal norm is named.',
    ),
  transferFrom: transferSchema.optional(),
  edits: editRulesSchema.optional().describe('edits alone: what is left alone, so that a text keeps its meaning.'),
});

export const toleranceSchema = z
  .union([
    z.number().positive(),
    z.string().regex(/^\s*\d+(\.\d+)?\s*%\s*$/, 'a number in units of the target, or a share of it such as 10 %'),
  ])
  .describe('regression: how far an output may be from its target, in its units (0.5) or as a share of it ("10 %").');

export const specSchema = z.strictObject({
  model: z
    .string()
    .optional()
    .describe('Model file, relative to this spec; exactly one of `model`, `models` and `ensemble`.'),
  models: z.array(z.string()).min(1).optional().describe('Several models on the same data, each gets its report.'),
  ensemble: ensembleSchemaOf(
    preprocessSchema.omit({ resize: true }).extend({ channels: z.enum(['rgb', 'bgr']).optional() }),
  ).optional(),
  output: z.string().optional().describe("The model's output that holds the scores; its first float output if absent."),
  task: z
    .enum(['classification', 'regression'])
    .optional()
    .describe('Whether the model tells classes apart or predicts numbers; classification if absent.'),
  tolerance: toleranceSchema.optional(),
  data: z.strictObject({
    test: dataSourceSchema,
    train: dataSourceSchema
      .optional()
      .describe(
        'What the model was trained on, in the form of `test`: to find test examples in it, and to measure the gap of accuracy between the two.',
      ),
    range: z.tuple([z.number(), z.number()]).optional().describe('Range of the data as stored.'),
    unit: z.number().positive().optional().describe('Stored values are divided by this; ε is in the result.'),
    classes: z.array(z.string()).optional(),
    features: z
      .array(featureSchema)
      .min(1)
      .optional()
      .describe('What may become of each feature of a table; those that are not listed are free, with scale 1.'),
  }),
  preprocess: preprocessSchema.optional(),
  threatModels: z.array(threatModelSchema).optional(),
  corruptions: corruptionsSchema.optional(),
  stability: stabilitySchema
    .optional()
    .describe('Whether predictions flip along sequences of small perturbations; on in the suite thorough.'),
  eot: z
    .number()
    .int()
    .positive()
    .max(1000)
    .optional()
    .describe('Passes that are averaged where the forward pass of a model is random; 20 if absent.'),
  spatial: spatialSchema
    .optional()
    .describe('images: accuracy under rotations and shifts, and in the worst case over them.'),
  universal: universalSchema.optional().describe('One perturbation for all examples; needs a gradient.'),
  shifts: shiftsSchemaOf(dataSourceSchema).optional(),
  shiftBaselines: shiftBaselinesSchema.optional(),
  gates: z.array(z.string()).optional().describe('Thresholds, e.g. "robustAccuracy(linf-8) >= 0.45".'),
  claims: z
    .strictObject({
      include: z
        .array(z.string())
        .optional()
        .describe(
          'Documents to check besides those of the usual formats (Python, plain text), as globs relative to this file.',
        ),
      exclude: z.array(z.string()).optional().describe('Documents not to check, as globs relative to this file.'),
      rules: z
        .strictObject(
          Object.fromEntries(claimRuleNames.map((name) => [name, z.enum(ruleSettings).optional()])) as Record<
            ClaimRuleName,
            z.ZodOptional<z.ZodEnum<{ [Setting in RuleSetting]: Setting }>>
          >,
        )
        .optional()
        .describe('Severity of rules of claims, e.g. {"claims/no-tradeoff": "off"}.'),
      about: z
        .array(
          z.strictObject({
            documents: z.array(z.string()).min(1).describe('Globs relative to this file.'),
            model: z.string().describe('The model that they speak of, relative to this file.'),
          }),
        )
        .optional()
        .describe('Which model the claims of a document are about, where the prose does not name it.'),
    })
    .optional()
    .describe('Robustness claims in prose: where they are looked for and how they are judged.'),
  context: z.enum(['general', 'security-critical', 'safety-critical', 'consumer']).optional(),
  baseline: z
    .string()
    .min(1)
    .optional()
    .describe('Report on an earlier version of the model on the same data, relative to this file: what changed since.'),
  seed: z.number().int().nonnegative().optional(),
});

/** A spec as written in `robustness.yaml`. */
export type Spec = z.infer<typeof specSchema>;
export type DataSource = z.infer<typeof dataSourceSchema>;
export type ThreatModelSpec = z.infer<typeof threatModelSchema>;
export type FeatureSpec = z.infer<typeof featureSchema>;
export type AttackName = (typeof attackNames)[number];
export type ModelLayout = z.infer<typeof layoutSchema>;

/** Pre-processing with nothing left open: model input = (x - mean) / std a channel, then transposed to `layout`. */
export interface Preprocess {
  /** One value, or one a channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly layout: ModelLayout;
  /** `bgr` reverses the channel order that the data has; `gray` averages are applied when the data are read. */
  readonly channels: 'rgb' | 'bgr' | 'gray';
  /** One a feature of a table: what attacks see is multiplied by it first. */
  readonly scale?: readonly number[];
}

export interface ResolvedThreatModel {
  readonly name: string;
  readonly norm: 'linf' | 'l2' | 'l1' | 'l0' | 'edits';
  readonly epsilon: number;
  /** As a person wrote it: `8/255`. */
  readonly epsilonText: string;
  readonly bounds: readonly [number, number] | null;
  /** Where the spec declares the features of a table: in the space of attacks, which follows from `data.features`. */
  readonly constraints?: FeatureConstraints;
  /** Of edits alone. */
  readonly edits?: EditRules;
  readonly knowledge: 'white-box' | 'black-box-score' | 'black-box-decision';
  /** l0 alone: what ε counts. */
  readonly counts?: 'pixels' | 'values';
  readonly goal: 'untargeted' | 'targeted';
  /** Of a targeted attacker: the class to reach, or the rule that says which. */
  readonly target?: TargetRule | { readonly class: string | number };
  readonly queries: number | null;
  readonly suite: SuiteName;
  readonly attacks: readonly {
    readonly name: AttackName;
    readonly iterations: number;
    readonly restarts: number;
    readonly queries: number;
    /** Target classes at most; of attacks without targets absent. */
    readonly targets?: number;
    /** Passes of which each loss and gradient is the mean; 1 if absent. */
    readonly eot?: number;
    /** Planned only for a model with so many classes; for any if absent. */
    readonly onlyClasses?: number;
  }[];
  /** Whether the smallest perturbations of a sample are looked for; not, if absent. */
  readonly minimalNorm?: boolean;
  /** Paths as written in the spec, or `models` for its other models. */
  readonly transferFrom?: 'models' | readonly string[];
}

/** Rules by which a targeted attacker chooses: `least-likely` by the clean scores, `random` and `all` among the wrong classes. */
export const targetRules = ['least-likely', 'random', 'all'] as const;
export type TargetRule = (typeof targetRules)[number];

/** A spec with absolute paths, numbers for fractions, and every default filled in. */
export interface ResolvedSpec {
  /** Absolute path of the spec file; null when it was given by options. */
  readonly specPath: string | null;
  /** Absolute. Of an ensemble, where a file would lie if it were one. */
  readonly modelPath: string;
  /** In place of one file: members, each with what its input wants once that is settled. */
  readonly ensemble?: Omit<EnsembleTarget, 'members'> & {
    readonly members: readonly { readonly path: string; readonly preprocess?: Preprocess; readonly output?: string }[];
  };
  readonly task: 'classification' | 'regression';
  /** Of a regression: how far an output may be from its target; null when nobody stated it. */
  readonly tolerance: { readonly value: number; readonly relative: boolean } | null;
  readonly data: {
    readonly test: DataSource;
    /** Stored range; null when unbounded. */
    readonly range: readonly [number, number] | null;
    readonly unit: number;
    readonly classes: readonly string[] | null;
    readonly resize: readonly [number, number] | null;
    /** As declared. */
    readonly features?: readonly FeatureSpec[];
  };
  readonly preprocess: Preprocess;
  readonly threatModels: readonly ResolvedThreatModel[];
  readonly corruptions: {
    readonly names: readonly CorruptionName[];
    readonly severities: readonly number[];
    /** `alexnet`, or the path of a report as written. */
    readonly reference?: string;
    /** What stands in the place of values that are missing; what is usual for the corruption if absent. */
    readonly missing?: Fill;
  } | null;
  /** Absent where flips along sequences are not measured. */
  readonly stability?: ResolvedStability;
  /** Absolute path of the report that predictions are held against. */
  readonly baseline?: string;
  /** Passes that are averaged of a random model; the usual number if absent. */
  readonly eot?: number;
  readonly spatial?: ResolvedSpatial;
  readonly universal?: ResolvedUniversal;
  readonly shifts?: readonly ResolvedShift[];
  /** Absolute. */
  readonly shiftBaselines?: readonly string[];
  /** Asked for by pitfalls, and done to the threat models above. */
  readonly changes?: readonly SpecChanges[];
  readonly gates: readonly string[];
  readonly context: 'general' | 'security-critical' | 'safety-critical' | 'consumer';
  readonly seed: number;
  /** Which settings nobody stated, in words: shown in the report. */
  readonly inferred: readonly string[];
  /** True when the spec names a threat model; false when the default ones were filled in. */
  readonly threatModelStated: boolean;
}
