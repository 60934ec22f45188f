import { RobustnessError } from '../error';
import type { Random } from '../random';
import { ascendInSegments } from './ascentSegments';
import { walk } from './ascentWalk';
import type { NormBall } from './geometry';
import { goalOf } from './goal';
import { checkRequest } from './request';
import type { Attack, AttackRequest, AttackResult, LossName } from './types';

/** The path of one example through one restart. */
export interface Walker {
  /** The point to evaluate next. */
  readonly point: Float32Array;
  /** Takes loss and gradient at `point` (the gradient is valid only during the call), and moves `point`. */
  advance(loss: number, gradient: Float32Array): void;
  /** Told that `point` is about to be moved off a plateau, in place of a step. */
  leaves?(): void;
}

/** One climb of every example that still stands: a restart, toward an aim where the loss takes one. */
export interface Run {
  /** Keys the random starts. */
  readonly number: number;
  /** Writes the aim [classes] of a row of the request; null where the loss takes none. */
  readonly aim: ((row: number, out: Float32Array) => void) | null;
  /**
   * Looks for starting points for the rows that still stand, and returns what writes one; they are random if absent. Points
   * lie within ball and bounds.
   */
  place?(rows: readonly number[]): Promise<Place>;
}

/** Writes the starting point [...exampleShape] of a row of the request. */
export type Place = (row: number, out: Float32Array) => void;

export interface WalkerStart {
  readonly centre: Float32Array;
  readonly ball: NormBall;
  readonly random: Random;
  readonly iterations: number;
  /** Writes the starting point, where the run has its own. */
  readonly place?: (out: Float32Array) => void;
}

/** What tells one gradient ascent from another. */
export interface Ascent {
  readonly loss: LossName;
  readonly start: 'centre' | 'random';
  /** Auto-PGD's momentum and halving of steps; else all steps are alike. */
  readonly auto: boolean;
  /** Length of the first step. */
  step(radius: number, iterations: number): number;
  /** Points that a climb evaluates: all of them, and those of its way in, which may lie outside the ball and count for nothing. */
  path?(iterations: number): { readonly evaluations: number; readonly wayIn: number };
  /** The climbs, in order; as many as the budget has restarts, without an aim, if absent. */
  runs?(request: AttackRequest): Promise<readonly Run[]>;
  /** The reference: one example, step by step. */
  begin(start: WalkerStart): Walker;
}

/**
 * Runs a gradient ascent: in the model's graph, several iterations at a time, where that can be; else step by step. The
 * outcome is the same but for rounding.
 */
export async function ascend(attack: Attack, request: AttackRequest, untargeted: Ascent): Promise<AttackResult> {
  checkRequest(attack, request);
  const goal = goalOf(request);
  const ascent = { ...untargeted, loss: goal.loss(untargeted.loss) };
  const runs = ascent.runs
    ? await ascent.runs(request)
    : Array.from({ length: request.budget.restarts }, (_, number): Run => ({ number, aim: goal.aim }));
  try {
    const result = await ascendInSegments(attack, request, ascent, runs);
    if (result !== null) return result;
  } catch (error) {
    // The graph of the steps did not run: the model's own graph may.
    if (!(error instanceof RobustnessError && error.code === 'model/run-failed')) throw error;
  }
  return walk(attack, request, ascent, runs);
}
