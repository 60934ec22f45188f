import type { FeatureConstraints } from './constraint';
import type { EditRules } from './editRules';

/** `edits` is of texts: characters edited (Levenshtein). */
export type Norm = 'linf' | 'l2' | 'l1' | 'l0' | 'edits';

/** What the attacker may do, in numbers. Everything is in data space. */
export interface AttackThreat {
  readonly norm: Norm;
  /** Radius of the ball; Infinity for an unbounded attack. */
  readonly epsilon: number;
  /** Bounds of a value in data space; null when unbounded. */
  readonly bounds: readonly [number, number] | null;
  /** l0 alone: how many values change at the price of one, which are the channels of a pixel [C, H, W]; 1 if absent. */
  readonly channels?: number;
  /** What may become of each feature of a table. */
  readonly constraints?: FeatureConstraints;
  /** Of edits: what keeps the meaning of a text. */
  readonly edits?: EditRules;
}

/** Those that end in `-targeted`, and `linear`, take an aim: a row of one number a class for each example. */
export type LossName = 'ce' | 'margin' | 'dlr' | 'ce-targeted' | 'margin-targeted' | 'dlr-targeted' | 'linear';

/** Loss, logits and gradient at a batch of points. */
export interface GradientResult {
  /** [n, classes] */
  readonly logits: Float32Array;
  /** [n]; attacks maximise it. */
  readonly loss: Float32Array;
  /** [n, ...exampleShape]: d loss_i / d x_i. */
  readonly gradient: Float32Array;
}

/** A gradient ascent whose iterations run inside the model's graph. */
export interface SegmentKind {
  readonly loss: LossName;
  readonly norm: 'linf' | 'l2';
  /** Auto-PGD's step, which keeps some of the last one, and its books; else a plain step. */
  readonly momentum: boolean;
  /** An example is broken where the aim's class is predicted, and not where any wrong one is. */
  readonly targeted?: true;
}

/** Runs iterations of one kind of ascent inside the runtime. */
export interface SegmentRunner {
  /** Iterations for which a batch of n examples surely runs a short time: about a second on a slow machine. */
  longest(n: number): number;
  /**
   * Evaluates n points and steps, `iterations` times; with momentum fewer, where a strongest
   * point has no gradient: then that is the last evaluated.
   *
   * @param fields by name, [n, width]: those of `segmentFields.ts`.
   * @param radius of the ball, for l2.
   * @param goesOn false where the points after the last step are not wanted: `carried` lacks `x` then.
   */
  run(fields: SegmentFields, n: number, iterations: number, radius: number, goesOn?: boolean): Promise<SegmentResult>;
  /** The passes are so short that one more iteration costs no more than {@link evaluate} as a call of its own. */
  readonly brief: boolean;
  /** Iterations that cost no more than a call does beside them, of however many examples; at least 1. */
  readonly first: number;
  /** Logits [n, classes] and loss [n] at points, without a gradient. */
  evaluate(x: Float32Array, y: Int32Array, aim?: Float32Array): Promise<Pick<GradientResult, 'logits' | 'loss'>>;
}

export type SegmentFields = Readonly<Record<string, Float32Array>>;

export interface SegmentResult {
  /** How many iterations were run. */
  readonly iterations: number;
  /** Carried fields after the last step; without `x` where it does not go on. */
  readonly carried: Readonly<Record<string, Float32Array>>;
  /** Rows of records that a later iteration did not improve on, in the order in which that showed. */
  readonly ended: Readonly<Record<string, Float32Array>>;
  /** [iterations, n] */
  readonly loss: Float32Array;
  /** The same, but infinite where the point is misclassified. */
  readonly score: Float32Array;
  /** 0 exactly where the gradient is zero. */
  readonly size: Float32Array;
}

/** d logits_k / d x for several k in one pass. */
export interface JacobianResult {
  /** [n, classes] */
  readonly logits: Float32Array;
  /** [n, chosen, ...exampleShape] */
  readonly gradient: Float32Array;
}

/**
 * The model as an attack sees it: data space in, logits out, with its pre-processing inside the graph. Counts one
 * forward for each example given to `logits`, one forward and one backward for each given to `gradient`.
 */
export interface Oracle {
  readonly classes: number;
  /** Shape of one example in data space; images are [C, H, W]. */
  readonly exampleShape: readonly number[];
  /** Numbers in one example. */
  readonly exampleSize: number;
  /** Numbers at the front of an example that an attack may change; the rest are passed through. All, if absent. */
  readonly free?: number;
  /** Whether `gradient` can be called; false when an operator has no rule. */
  readonly differentiable: boolean;
  /** The logits are one-hot rows of a model that gives labels alone: they tell the predicted class and nothing else. */
  readonly labelsOnly?: boolean;
  /** Batch size at which the model runs best; attacks may give fewer or more, it is split. */
  readonly batchSize: number;
  /** Passes that are averaged, of a model whose forward pass is random; absent for others. */
  readonly passes?: number;
  readonly counts: { forwards: number; backwards: number };
  /** x is [n, ...exampleShape]; returns [n, classes]. */
  logits(x: Float32Array): Promise<Float32Array>;
  /**
   * x is [n, ...exampleShape], y is [n]. Throws `gradient/unavailable` when not differentiable.
   *
   * @param aim [n, classes], for losses that take one: 1 at the target class, or for `linear` the weight of each logit.
   * @param targets [n]: the class that has to be predicted, where no other will do; only a model that is random needs to know.
   */
  gradient(
    x: Float32Array,
    y: Int32Array,
    loss: LossName,
    aim?: Float32Array,
    targets?: Int32Array,
  ): Promise<GradientResult>;
  /**
   * Gradients of several logits at once: of all, or of those chosen. Absent where the oracle has no graph. Counts one forward
   * for each example, and a backward for each example and logit.
   */
  jacobian?(x: Float32Array, chosen?: readonly number[]): Promise<JacobianResult>;
  /** Iterations run inside the runtime, if the oracle can; null where the runtime refuses the graph. */
  segments?(kind: SegmentKind): Promise<SegmentRunner | null>;
}

export interface AttackBudget {
  readonly iterations: number;
  readonly restarts: number;
  /** Forward passes an example, for query-based attacks. */
  readonly queries: number;
  /** Target classes that a targeted attack tries at most, likeliest first; 9 if absent (AutoAttack). */
  readonly targets?: number;
}

export interface AttackRequest {
  readonly oracle: Oracle;
  /** [n, ...exampleShape]; every example is classified correctly when the attack starts. */
  readonly x: Float32Array;
  /** [n] true labels. */
  readonly y: Int32Array;
  /** [n]: the class that the model must be brought to predict; any wrong one will do, if absent. */
  readonly targets?: Int32Array;
  /** [n] positions in the data set, or of pairs of an example and a target: they key the random streams, so that batching changes nothing. */
  readonly indices: Int32Array;
  readonly threat: AttackThreat;
  readonly budget: AttackBudget;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

export interface AttackResult {
  /** [n, ...exampleShape]: adversarial where found, else the strongest point seen. */
  readonly adversarial: Float32Array;
  /** [n]: 1 where the attack believes that it succeeded. Not trusted: the verifier decides. */
  readonly success: Uint8Array;
  /** Mean over examples of the best loss so far after each iteration of the first restart; empty if there is none. */
  readonly lossTrace: readonly number[];
  /** [n]: 1 where the first gradient was exactly zero; absent for attacks that take no gradient. */
  readonly zeroGradient?: Uint8Array;
  /** What an attack that looks for the smallest perturbation found, whatever its size. */
  readonly minimal?: MinimalPoints;
}

/** The closest misclassified point that was found of each example. Not trusted: the verifier decides. */
export interface MinimalPoints {
  /** [n, ...exampleShape]: the clean example where none was found. */
  readonly points: Float32Array;
  /** [n]: 1 where one was found. */
  readonly found: Uint8Array;
}

export interface Attack {
  /** Stable id: `fgsm`, `pgd`, `apgd-ce`, `square` ... */
  readonly name: string;
  readonly title: string;
  /** What the attacker must see: gradients, scores, or the predicted label alone. */
  readonly needs: 'gradient' | 'scores' | 'labels';
  readonly norms: readonly Norm[];
  /** Classes that the model must have; 2 if absent. */
  readonly leastClasses?: number;
  /** Can be told which class to reach. */
  readonly targeted?: true;
  /** Looks for the smallest perturbation: ε only says which of what it finds counts. */
  readonly minimal?: boolean;
  readonly defaults: AttackBudget;
  /** Paper in which it was defined. */
  readonly source: string;
  run(request: AttackRequest): Promise<AttackResult>;
}
