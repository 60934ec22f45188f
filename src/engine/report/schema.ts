import { z } from 'zod';
import { dataKinds } from '../data/types';
import { suiteNames } from '../spec/schema';
import { baselineReportSchema } from './baseline';
import { spatialReportSchema, universalReportSchema } from './beyond';
import { calibrationSchema } from './calibration';
import { cleanDetailFields, generalisationSchema, groupsSchema } from './cleanSchema';
import { corruptionDetailFields } from './corruptions';
import { ensembleModelSchema, ensembleReportSchema } from './ensemble';
import { evidenceFields, mitigationSchema } from './evidenceSchema';
import { type Figure, figureSchema } from './figure';
import { outOfDistributionSchema, shiftReportSchema } from './shifts';
import { stabilityReportSchema } from './stability';
import { editRulesReportSchema, textChangeSchema, textReportSchema } from './text';
import { signalToNoiseSchema, waveformSchema } from './waveform';

export { type Figure, figureSchema };

const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const perClassSchema = z.strictObject({
  label: z.string(),
  support: z.number().int(),
  accuracy: figureSchema.nullable(),
  precision: figureSchema.nullable(),
  recall: figureSchema.nullable(),
  f1: figureSchema.nullable(),
  rocAuc: figureSchema.nullable(),
  prAuc: figureSchema.nullable().optional(),
  /** By threat-model name. */
  robustAccuracy: z.record(z.string(), figureSchema),
});

/** What an attack was given and what it took, whatever it looks for. */
export const attackEffort = {
  name: z.string(),
  title: z.string(),
  /** Examples that the attack was given. */
  attempted: z.number().int(),
  /** Points that it claimed or returned, and the verifier refused. */
  refused: z.number().int(),
  forwards: z.number().int(),
  backwards: z.number().int(),
  seconds: z.number(),
  iterations: z.number().int(),
  restarts: z.number().int(),
};

export const attackRowSchema = z.strictObject({
  ...attackEffort,
  /** Accuracy over all examples once this attack and those before it have run. */
  accuracyAfter: figureSchema,
  /** Examples, or pairs of example and target, that this attack was first to break, as confirmed by the verifier. */
  broken: z.number().int(),
  /** Mean best loss so far after each iteration; empty if the attack has none. */
  lossTrace: z.array(z.number()),
  /** Given a sample alone, to check the evaluation or to measure on; what it broke counts, but the figure does not rest on it. */
  sample: z.literal(true).optional(),
});

const openNumber = z.number().nullable().describe('Null is ∞: so many examples were never broken.');

/** The smallest perturbations found of a sample, in the threat model's norm, data units. */
export const minimalNormSchema = z.strictObject({
  /** Attacks that looked for them; what the others found counts where it is smaller. */
  attacks: z.array(z.string()),
  /** Examples in the sample. Those that are wrong as they are count with distance 0. */
  n: z.number().int(),
  /** Those with a misclassified point that the verifier confirmed, at any distance. */
  found: z.number().int(),
  /** With a 95 % interval from order statistics. */
  median: z.strictObject({ value: openNumber, low: openNumber, high: openNumber, n: z.number().int() }),
  /** The smallest distance within which a share q of the sample is broken. */
  quantiles: z.array(z.strictObject({ q: z.number(), value: openNumber })),
  /** Of those found, rising. */
  distances: z.array(z.number()),
});

/** Of a targeted attacker: what was to be reached, and how often it was. */
export const targetSchema = z.strictObject({
  rule: z.enum(['least-likely', 'random', 'all', 'class']),
  /** The class, where it is the same for all examples. */
  class: z.string().nullable(),
  /** Pairs of an example that is classified correctly and a class to reach for it. */
  pairs: z.number().int(),
  /** Pairs of which the verifier confirmed that the model predicts the target. */
  reached: z.number().int(),
  /** Examples classified correctly that are of the wanted class themselves: there is nothing to reach, and they count as standing. */
  ownClass: z.number().int(),
  /** Share of the pairs with this target that were reached; classes that were no target are left out. */
  byClass: z.array(z.strictObject({ label: z.string(), successRate: figureSchema })),
});

export const threatModelReportSchema = z.strictObject({
  name: z.string(),
  norm: z.enum(['linf', 'l2', 'l1', 'l0', 'edits']),
  epsilon: z.number(),
  epsilonText: z.string(),
  bounds: z.tuple([z.number(), z.number()]).nullable(),
  knowledge: z.enum(['white-box', 'black-box-score', 'black-box-decision']),
  goal: z.enum(['untargeted', 'targeted']),
  target: targetSchema.optional(),
  counts: z.enum(['pixels', 'values']).optional().describe('l0 alone: what ε counts.'),
  edits: editRulesReportSchema.optional().describe('Edits alone: what of a text was left alone.'),
  queries: z.number().int().nullable(),
  /** The threat model as a sentence. */
  description: z.string(),
  suite: z.enum(suiteNames),
  /** Over all examples: a clean error counts as not robust. An upper bound; null until the first attack reports. */
  robustAccuracy: figureSchema.nullable(),
  certifiedAccuracy: figureSchema.nullable(),
  /** Over the examples classified correctly; of a targeted attacker over pairs of such an example and a class to reach. */
  attackSuccessRate: figureSchema.nullable(),
  attacks: z.array(attackRowSchema),
  /** Accuracy over all examples at growing ε, by the same attack at each and by what is known of smaller perturbations; ε = 0 is the clean accuracy. */
  curve: z.array(z.strictObject({ epsilon: z.number(), accuracy: figureSchema })),
  degradation: z.enum(['graceful', 'sudden']).nullable(),
  minimalNorm: minimalNormSchema.optional(),
  signalToNoise: signalToNoiseSchema.optional(),
  /** Examples that have been through all attacks so far, of `data.count`. */
  examplesDone: z.number().int(),
});

export const corruptionRowSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  severity: z.number().int().min(1).max(5),
  accuracy: figureSchema,
  /** Share of examples whose predicted class is the same as without the corruption. */
  stability: figureSchema,
  /** What the severity means, in words: `σ = 0.08`. */
  parameter: z.string().optional(),
  /** Examples whose scores are NaN under the corruption: they count as wrong. */
  unanswered: z.number().int().optional(),
});

export const galleryItemSchema = z.strictObject({
  index: z.number().int(),
  threatModel: z.string(),
  attack: z.string(),
  trueLabel: z.string(),
  clean: z.strictObject({ label: z.string(), confidence: z.number() }),
  adversarial: z.strictObject({ label: z.string(), confidence: z.number() }),
  /** Size of the perturbation in the threat model's norm, data units. */
  distance: z.number(),
  /** PNG data URIs; the difference is magnified about mid-grey. */
  image: z
    .strictObject({ original: z.string(), adversarial: z.string(), difference: z.string(), magnification: z.number() })
    .nullable(),
  values: z
    .strictObject({ names: z.array(z.string()), original: z.array(z.number()), adversarial: z.array(z.number()) })
    .nullable(),
  text: textChangeSchema.optional(),
  waveform: waveformSchema.optional(),
});

export const pitfallSchema = z.strictObject({
  /** `pitfalls/no-threat-model` */
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  /** One sentence: what is wrong here. */
  message: z.string(),
  /** The figures and examples that it rests on. */
  evidence: z.array(z.string()),
  /** One sentence: what to do. */
  advice: z.string(),
  /** Page of the rule, relative to the repository: `docs/rules/no-threat-model.md`. */
  help: z.string(),
  /** A stronger run that a button can start. */
  mitigation: mitigationSchema.optional(),
});
export type Pitfall = z.infer<typeof pitfallSchema>;

/** What is left standing of one sample by ever stronger attacks: FGSM, PGD, PGD with restarts, and all that ran. */
export const ladderSchema = z.strictObject({
  threatModel: z.string(),
  rungs: z.array(z.strictObject({ name: z.string(), title: z.string(), accuracy: figureSchema })),
});
export type Ladder = z.infer<typeof ladderSchema>;

export const inputInfoSchema = z.strictObject({
  name: z.string(),
  type: z.string(),
  shape: z.array(z.union([z.number(), z.string()])),
});

export const reportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tool: z.strictObject({ name: z.literal('robustness-inspector'), version: z.string() }),
  createdAt: z.string(),
  status: z.strictObject({
    state: z.enum(['running', 'complete', 'interrupted', 'failed']),
    /** What is being done now, in words. */
    stage: z.string(),
    done: z.number(),
    total: z.number(),
    error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  }),
  /** Run to resume, while it is not complete. */
  run: z.string().nullable(),
  seed: z.number().int(),
  task: z.literal('classification'),
  model: z.strictObject({
    path: z.string(),
    sha256: hash,
    external: z
      .array(z.strictObject({ path: z.string(), sha256: hash }))
      .optional()
      .describe("Files that hold weights of the model, relative to the model's folder."),
    bytes: z.number().int(),
    opset: z.string(),
    inputs: z.array(inputInfoSchema),
    outputs: z.array(inputInfoSchema),
    operators: z.record(z.string(), z.number().int()),
    parameters: z.number().int(),
    batch: z.enum(['dynamic', 'rewritten', 'fixed-1']),
    /** A last Softmax or Sigmoid that was bypassed, so that losses see logits. */
    bypassed: z.string().nullable(),
    widened: z
      .array(z.string())
      .optional()
      .describe('Float types of the file that attacks compute in float32. The verifier runs the file as it is.'),
    labelsOnly: z.boolean().optional().describe('The file returns labels and no scores.'),
    scoresBefore: z
      .string()
      .optional()
      .describe('Operator that makes the labels of scores: attacks see these. The verifier runs the file as it is.'),
    cutOff: z
      .array(z.string())
      .optional()
      .describe('Operators behind the scores that were left out, in the verifier too: they return maps, not tensors.'),
    ensemble: ensembleModelSchema.optional().describe('Where several files are evaluated as one.'),
    random: z
      .array(z.string())
      .optional()
      .describe('Operators by which the scores differ from run to run; figures are expected ones then.'),
    gradient: z.strictObject({
      available: z.boolean(),
      /** Operators without a rule, by name. */
      unavailable: z.array(z.string()),
      reasons: z.record(z.string(), z.string()).optional().describe('Why, by operator.'),
      /** Operators that got a straight-through estimate, by name. */
      straightThrough: z.array(z.string()),
    }),
  }),
  data: z.strictObject({
    path: z.string(),
    sha256: hash,
    files: z
      .array(z.string())
      .optional()
      .describe('What the hash is over, in this order; absent where there are very many.'),
    /** Examples evaluated. */
    count: z.number().int(),
    available: z.number().int(),
    kind: z.enum(dataKinds),
    shape: z.array(z.number().int()),
    sampleRate: z.number().optional().describe('series: frames a second (Hz), where it is known.'),
    range: z.tuple([z.number(), z.number()]).nullable(),
    unit: z.number(),
    classes: z.array(z.string()),
  }),
  /** The resolved spec, as JSON. */
  spec: z.record(z.string(), z.unknown()),
  specPath: z.string().nullable(),
  specSha256: hash,
  inferred: z.array(z.string()),
  threatModelStated: z.boolean(),
  environment: z.strictObject({
    onnxruntime: z.string(),
    /** Where the attacks ran; the verifier runs on the processor always. */
    executionProvider: z.string(),
    requestedProvider: z.string().optional(),
    /** Why the provider that was asked for is not the one that was used. */
    providerReason: z.string().nullable().optional(),
    node: z.string(),
    platform: z.string(),
    threads: z.number().int(),
    /** Measured, and remembered for this model on this machine, so that a second run has the same. */
    batchSize: z.number().int().optional(),
  }),
  clean: z
    .strictObject({
      accuracy: figureSchema,
      precisionMacro: figureSchema,
      recallMacro: figureSchema,
      f1Macro: figureSchema,
      rocAuc: figureSchema.nullable(),
      ece: figureSchema.nullable(),
      ...cleanDetailFields,
      perClass: z.array(perClassSchema),
    })
    .nullable(),
  text: textReportSchema.optional(),
  groups: groupsSchema.optional(),
  generalisation: generalisationSchema.optional(),
  threatModels: z.array(threatModelReportSchema),
  corruptions: z
    .strictObject({
      meanAccuracy: figureSchema,
      mCE: figureSchema.nullable(),
      stabilityIndex: figureSchema,
      byCorruption: z.array(corruptionRowSchema),
      ...corruptionDetailFields,
    })
    .nullable(),
  stability: stabilityReportSchema.optional(),
  baseline: baselineReportSchema.optional(),
  shifts: z.array(shiftReportSchema),
  outOfDistribution: z.array(outOfDistributionSchema).optional(),
  calibration: calibrationSchema.optional(),
  spatial: spatialReportSchema.optional(),
  universal: universalReportSchema.optional(),
  ensemble: ensembleReportSchema.optional(),
  summary: z.strictObject({
    /** 0..1, defined in docs/metrics.md. */
    robustnessScore: z.number().nullable(),
    degradation: z.enum(['graceful', 'sudden']).nullable(),
  }),
  gallery: z.array(galleryItemSchema),
  /** Evidence that pitfall rules read and that no other field holds. */
  checks: z.strictObject({
    ...evidenceFields,
    /** Share of attacked examples whose first gradient was exactly zero; null when none was taken. */
    zeroGradient: z.number().nullable(),
    /** FGSM at each threat model's ε, on a sample: accuracy over the sample; the iterative attack on the same sample. */
    singleStep: z.array(z.strictObject({ threatModel: z.string(), fgsm: figureSchema, iterative: figureSchema })),
    /** Accuracy on a sample when the attacker may change everything within the data bounds. */
    unbounded: z.array(z.strictObject({ threatModel: z.string(), accuracy: figureSchema })),
    ladder: z.array(ladderSchema).optional(),
  }),
  pitfalls: z.array(pitfallSchema),
  gates: z.array(z.strictObject({ expression: z.string(), pass: z.boolean(), measured: z.number().nullable() })),
  /** One entry an example, in the order of the data; `brokenBy` is null where all attacks failed. */
  outcomes: z.strictObject({
    label: z.array(z.number().int()),
    prediction: z.array(z.number().int()),
    /** By threat-model name: attack that broke the example, `clean` for a clean error, null if it stood. */
    brokenBy: z.record(z.string(), z.array(z.string().nullable())),
  }),
  wallSeconds: z.number(),
});

export type Report = z.infer<typeof reportSchema>;
export type ThreatModelReport = z.infer<typeof threatModelReportSchema>;
export type AttackRow = z.infer<typeof attackRowSchema>;
export type CorruptionRow = z.infer<typeof corruptionRowSchema>;
export type GalleryItem = z.infer<typeof galleryItemSchema>;
export type PerClass = z.infer<typeof perClassSchema>;
