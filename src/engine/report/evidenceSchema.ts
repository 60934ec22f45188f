import { z } from 'zod';

const count = z.number().int().nonnegative();
const indices = z.array(count).describe('Positions of examples in the data, the first ten.');

/**
 * What probes of the model and of the evaluation found, for the pitfall rules to judge: part of a report's `checks`. All of
 * it may be absent, in reports of earlier versions and where a probe could not run.
 */
export const evidenceFields = {
  /** Forward passes over a sample of clean examples. */
  forward: z
    .strictObject({
      examples: count,
      /** Right answers in each of several passes over the same examples. */
      correct: z.array(count),
      /** Largest distance (l2) of an example's scores, of length 1, between two passes. */
      spread: z.number(),
      /** The file's own scores of each example lie in [0, 1] and sum to 1. */
      probabilities: z.boolean(),
      /** So do the scores that attacks see. */
      attackedProbabilities: z.boolean(),
      /** Examples about which the file and the graph that attacks run disagree. */
      disagreeing: indices,
      disagreements: count,
    })
    .optional(),
  /** Scores of all clean examples. */
  scores: z
    .strictObject({
      examples: count,
      /** Examples with a softmax that is exactly 1 in float32: the textbook cross-entropy has no gradient there. */
      saturated: count,
      /** Highest score less the second, in the middle of the examples. */
      medianMargin: z.number(),
      /** Classes that are predicted at least once. */
      predictedClasses: count,
      /** Every example has the same scores. */
      constant: z.boolean(),
    })
    .optional(),
  /** Gradients at a sample of clean examples that the model is right about, by loss. */
  gradients: z
    .array(
      z.strictObject({
        loss: z.string(),
        examples: count,
        /** Zero in every value. */
        zero: count,
        /** Not a number, or infinite, in some value. */
        notFinite: count,
        /** So small that, by it, no change within the data's range would alter the prediction. */
        flat: count,
        indices,
      }),
    )
    .optional(),
  /** Share of input values whose gradient is exactly zero: at the examples, and with their contrast lowered. */
  deadInputs: z.strictObject({ examples: count, clean: z.number(), inside: z.number() }).optional(),
  /**
   * Indicators of Attack Failure, "unstable predictions": mean relative change of the margin under small noise, at most 1; and
   * its mean correlation with the change that the gradient foretells, null where there is no gradient.
   */
  instability: z
    .strictObject({
      examples: count,
      draws: count,
      radius: z.number(),
      value: z.number(),
      agreement: z.number().nullable(),
      indices,
    })
    .optional(),
  /** Random points of the ball, tried on examples that all attacks left standing. */
  randomDraws: z
    .array(z.strictObject({ threatModel: z.string(), examples: count, draws: count, broken: count, indices }))
    .optional(),
  /** The strongest ascent again with more iterations or restarts, on examples that all attacks left standing. */
  moreEffort: z
    .array(
      z.strictObject({
        threatModel: z.string(),
        attack: z.string(),
        title: z.string(),
        what: z.enum(['iterations', 'restarts']),
        from: count,
        to: count,
        examples: count,
        broken: count,
        indices,
      }),
    )
    .optional(),
  /** Smallest perturbations of a sample against the way to points that take no attack: examples of other classes, uniform images. */
  references: z
    .array(
      z.strictObject({
        threatModel: z.string(),
        examples: count,
        /** Examples with such a point that the verifier confirmed. */
        found: count,
        /** Examples for which it is closer than anything that attacks found. */
        closer: count,
        /** Medians over the sample, in the threat model's norm; null for ∞. */
        medianFound: z.number().nullable(),
        medianReference: z.number().nullable(),
        indices,
      }),
    )
    .optional(),
  /** Accuracy on a sample under the pre-processing of the spec and under the best of the usual ones. */
  preprocessing: z
    .strictObject({ examples: count, stated: z.number(), best: z.number(), title: z.string(), yaml: z.string() })
    .optional(),
  /** Test examples found again in the training data, or twice in the test data. */
  overlap: z
    .strictObject({
      trainPath: z.string().nullable(),
      trainExamples: count,
      examples: count,
      /** Byte for byte. */
      identical: count,
      /** Not identical, but within a hundredth of the range in root mean square. */
      near: count,
      /** Pairs of positions: in the test data, in the training data. */
      pairs: z.array(z.tuple([count, count])),
      /** Test examples that occur earlier in the test data. */
      repeated: count,
    })
    .optional(),
} as const;

const evidenceSchema = z.strictObject(evidenceFields);
export type EvidenceReport = z.infer<typeof evidenceSchema>;

/** Change of a spec that makes an evaluation stronger; what is absent stays as it is. */
export const mitigationSchema = z.strictObject({
  /** What a button says: `Run the standard suite`. */
  label: z.string(),
  command: z.literal('rerun'),
  changes: z.strictObject({
    /** Threat models concerned, by name; all if absent. */
    threatModels: z.array(z.string()).optional(),
    suite: z.enum(['quick', 'standard', 'plus', 'rand', 'thorough']).optional(),
    /** An attacker who takes any wrong class, with the attacks of the suite. */
    goal: z.literal('untargeted').optional(),
    /** Added to the attacks that ran. */
    addAttacks: z.array(z.string()).optional(),
    iterations: z.number().int().positive().optional(),
    restarts: z.number().int().positive().optional(),
    queries: z.number().int().positive().optional(),
    /** Examples to evaluate. */
    limit: z.number().int().positive().optional(),
  }),
});
export type Mitigation = z.infer<typeof mitigationSchema>;
