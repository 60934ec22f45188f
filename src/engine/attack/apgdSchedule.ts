/** A step is halved unless the loss rose in more than this share of the steps since the last checkpoint. */
const rho = 0.75;

/**
 * Iterations after which APGD looks at its progress: for 100 of them 22, 41, 57, 70, 80, 87, 93, 99. The windows shrink
 * from 22 % by 3 % each to no less than 6 % (Croce & Hein 2020, §3.2).
 */
export function checkpoints(iterations: number): number[] {
  const share = (percent: number) => Math.max(Math.trunc((percent * iterations) / 100), 1);
  const points: number[] = [];
  let window = share(22);
  for (let at = window; at <= iterations; at += window) {
    points.push(at);
    window = Math.max(window - share(3), share(6));
  }
  return points;
}

/** The step size of one example: halved at a checkpoint where the loss has not made enough progress. */
export class StepSchedule {
  private readonly checkpoints: ReadonlySet<number>;
  private lastCheckpoint = 0;
  private increases = 0;
  private previousLoss = Number.NaN;
  private bestLoss = Number.NEGATIVE_INFINITY;
  private bestAtLastCheckpoint = Number.NEGATIVE_INFINITY;
  // True at first, so that the second condition is off at the first checkpoint, as in the authors' code.
  private halvedAtLastCheckpoint = true;
  private iteration = -1;
  private current: number;

  constructor(iterations: number, first: number) {
    this.checkpoints = new Set(checkpoints(iterations));
    this.current = first;
  }

  get step(): number {
    return this.current;
  }

  /** Losses that can be observed before one at which the step may be halved; Infinity after the last such. */
  get untilCheckpoint(): number {
    const next = this.iteration + 1;
    let least = Number.POSITIVE_INFINITY;
    for (const checkpoint of this.checkpoints) if (checkpoint >= next) least = Math.min(least, checkpoint - next);
    return least;
  }

  /**
   * Takes the loss at the start (first call) and after each step. True when the step was just halved, and the walk must
   * go on from its best point.
   */
  observe(loss: number): boolean {
    this.iteration++;
    if (loss > this.previousLoss) this.increases++;
    this.previousLoss = loss;
    if (loss > this.bestLoss) this.bestLoss = loss;
    if (this.iteration === 0) this.bestAtLastCheckpoint = loss;
    if (!this.checkpoints.has(this.iteration)) return false;

    const window = this.iteration - this.lastCheckpoint;
    const oscillates = this.increases <= rho * window;
    const stalls = !this.halvedAtLastCheckpoint && this.bestAtLastCheckpoint >= this.bestLoss;
    this.halvedAtLastCheckpoint = oscillates || stalls;
    this.bestAtLastCheckpoint = this.bestLoss;
    this.lastCheckpoint = this.iteration;
    this.increases = 0;
    if (this.halvedAtLastCheckpoint) this.current /= 2;
    return this.halvedAtLastCheckpoint;
  }
}
