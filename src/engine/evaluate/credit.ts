import type { Attack, AttackBudget } from '../attack/types';
import { type AttackTally, emptyTally, type ThreatState } from './state';

/** What an attack cost, of which a row adds up its batches. */
export interface Cost {
  readonly refused: number;
  readonly forwards: number;
  readonly backwards: number;
  readonly seconds: number;
}

/**
 * The row of an attack that ran beside the cascade, on a sample. It enters the report once it breaks something: a check that
 * finds nothing is no part of what the figure rests on.
 */
export function besideCascade(
  of: ThreatState,
  title: string,
  attack: Pick<Attack, 'name' | 'title' | 'needs'>,
  budget: AttackBudget,
): AttackTally {
  const known = of.beside.get(title);
  if (known) return known;
  const tally: AttackTally = { ...emptyTally(attack, budget), title, sample: true, started: true };
  of.beside.set(title, tally);
  return tally;
}

/** Adds a batch: how many standing examples the attack was given, and what that cost. */
export function addCost(tally: AttackTally, attempted: number, cost: Cost): void {
  tally.attempted += attempted;
  tally.refused += cost.refused;
  tally.forwards += cost.forwards;
  tally.backwards += cost.backwards;
  tally.seconds += cost.seconds;
}

/** Of these examples, those that nothing has broken so far. */
export function standingOf(of: ThreatState, indices: Int32Array): number {
  let left = 0;
  for (const index of indices) if (of.brokenBy[index] === -1) left++;
  return left;
}

/**
 * Notes a point that the verifier confirmed, whoever found it and whatever for. The figure is the worst case over all that ran:
 * within ε the example counts as broken, if it did not before, and the curve knows its distance anyway.
 *
 * @param distance from the clean example, in the threat model's norm.
 */
export function recordBroken(of: ThreatState, index: number, distance: number, tally: AttackTally): void {
  if (!Number.isFinite(distance)) return;
  of.minimal.record(index, distance);
  if (distance > of.threat.epsilon || of.brokenBy[index] !== -1) return;
  let at = of.attacks.indexOf(tally);
  if (at === -1) at = of.attacks.push(tally) - 1;
  tally.broken++;
  of.brokenBy[index] = at;
}
