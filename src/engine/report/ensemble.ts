import { z } from 'zod';
import { figureSchema } from './figure';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const file = z.strictObject({ path: z.string(), sha256: hash });

/** Of `model`, where several files are evaluated as one: what they are, and how they are brought to one answer. */
export const ensembleModelSchema = z.strictObject({
  combine: z.enum(['mean-logits', 'mean-probabilities', 'vote']),
  members: z.array(
    z.strictObject({
      /** The file's name, with as many folders as tell it from the others. */
      name: z.string(),
      path: z.string(),
      sha256: hash,
      external: z.array(file).optional().describe("Files that hold weights, relative to the member's folder."),
      bytes: z.number().int(),
      parameters: z.number().int(),
      /** Share in the answer; all sum to 1. */
      weight: z.number(),
      scale: z
        .enum(['logits', 'probabilities', 'log-probabilities', 'shares', 'plain-probabilities', 'labels', 'outputs'])
        .describe('What the file returns.'),
      /** Whether attacks can follow its gradient. */
      differentiable: z.boolean(),
    }),
  ),
  surrogate: z
    .literal('mean-probabilities')
    .optional()
    .describe('A vote has no gradient: attacks follow that of this in its place. The votes decide what is broken.'),
});
export type EnsembleModel = z.infer<typeof ensembleModelSchema>;

/** One threat model: the ensemble attacked through all members, and each member attacked by itself, on one sample. */
export const ensembleThreatSchema = z.strictObject({
  threatModel: z.string(),
  attack: z.strictObject({ name: z.string(), title: z.string(), iterations: z.number().int() }),
  /** Examples of the sample, of which those that are wrong as they are count as not standing. */
  n: z.number().int(),
  /** What the figures below say, in sentences. */
  finding: z.string(),
  /** The ensemble as it is, on the sample. */
  clean: figureSchema,
  /** The ensemble, attacked through all members at once; null where they have no gradient. */
  throughAll: figureSchema.nullable(),
  /** The ensemble on what was made on its members one at a time: right only if it is on all of them. */
  inParts: figureSchema.nullable(),
  members: z.array(
    z.strictObject({
      name: z.string(),
      clean: figureSchema,
      /** The member, attacked by itself; null where it has no gradient. */
      alone: figureSchema.nullable(),
      /** The ensemble on what was made on this member. */
      transfer: figureSchema.nullable(),
      /** The member on what was made through all and breaks the ensemble; null where nothing does. */
      onEnsemble: figureSchema.nullable(),
    }),
  ),
  /** Through all, the ensemble against its most robust member attacked by itself: paired, on the same examples. */
  gain: z
    .strictObject({
      against: z.string(),
      /** Accuracy of the ensemble less that of the member, with a 95 % interval for paired shares. */
      difference: z.number(),
      low: z.number(),
      high: z.number(),
      /** Examples that stand with the ensemble alone, and with the member alone. */
      onlyEnsemble: z.number().int(),
      onlyMember: z.number().int(),
      pValue: z.number(),
    })
    .nullable(),
});

export const ensembleReportSchema = z.strictObject({
  /** On all examples, without an attack. */
  members: z.array(z.strictObject({ name: z.string(), accuracy: figureSchema })),
  /** Share of examples of which all members predict the same class. */
  agreement: figureSchema,
  /** Share of examples of which at least one member is right. */
  anyRight: figureSchema,
  /** Share of examples of which all members are right. */
  allRight: figureSchema,
  /** By pair of members: share of examples of which they predict different classes. */
  disagreement: z.array(z.strictObject({ first: z.string(), second: z.string(), share: figureSchema })),
  threatModels: z.array(ensembleThreatSchema),
});
export type EnsembleReport = z.infer<typeof ensembleReportSchema>;
export type EnsembleThreat = z.infer<typeof ensembleThreatSchema>;
