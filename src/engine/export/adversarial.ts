import type { AttackThreat } from '../attack/types';
import { RobustnessError } from '../error';
import { type Chunk, gather } from '../evaluate/examples';
import { attackThreat, type PlannedAttack } from '../evaluate/plan';
import { execute } from '../evaluate/stage/execute';
import { argmax } from '../evaluate/state';
import { chooseTarget, type TargetPlan } from '../evaluate/targetPlan';
import { nearest } from '../spec/suggest';
import type { ExportContext } from './context';
import type { ExportProgress } from './request';
import type { ExportRows } from './rows';

interface Threatened {
  readonly threat: AttackThreat;
  readonly cascade: readonly PlannedAttack[];
  readonly target: TargetPlan | null;
  /** By example, where there is a report: the attack that broke it; null of those that stood or were wrong as they are. */
  readonly brokenBy: readonly (string | null)[] | null;
}

export interface AdversarialTally {
  /** Examples that the report counts as broken; null without one. */
  readonly reported: number | null;
  /** Examples with an adversarial one in the file. */
  found: number;
  /** Confirmed before they were rounded to the units of the file, and not after. */
  lostInRounding: number;
}

/**
 * Makes the adversarial examples of a threat model again, by the attacks, the budgets and the random numbers of the evaluation, and writes those
 * that the verifier confirms on the model file, after they were rounded to what the file holds. Where there is a report, the attack that broke an
 * example goes first, and examples that stood are not attacked.
 *
 * @throws RobustnessError `export/threat-model` for a name that the spec has not
 */
export async function writeAdversarial(
  context: ExportContext,
  name: string,
  rows: ExportRows,
  onProgress: (progress: ExportProgress) => void,
): Promise<AdversarialTally> {
  const threatened = threatenedBy(context, name);
  const { subject, facts } = context;
  const reported = threatened.brokenBy?.filter((by) => by !== null).length ?? null;
  const tally: AdversarialTally = { reported, found: 0, lostInRounding: 0 };
  for await (const { start, count, x, y } of subject.dataset.batches(facts.unitSize)) {
    const size = context.oracle.exampleSize;
    const logits = await context.oracle.logits(x);
    const predicted = argmax(logits, facts.classes.length);
    const wanted: number[] = [];
    for (let i = 0; i < count; i++) {
      if (predicted[i] === y[i] && (threatened.brokenBy === null || threatened.brokenBy[start + i] !== null))
        wanted.push(i);
    }
    const found = new Set<number>();
    for (let rank = 0; rank < (threatened.target?.perExample ?? 1); rank++) {
      const chunk = chunkOf(threatened, wanted, rank, { start, x, y, logits, size, classes: facts.classes.length });
      for (const index of await breakChunk(context, threatened, chunk, rows, tally)) found.add(index);
    }
    tally.found += found.size;
    onProgress({ stage: `Adversarial examples of ${name}`, done: start + count, total: subject.dataset.count });
  }
  return tally;
}

function threatenedBy({ spec, plan, facts, report }: ExportContext, name: string): Threatened {
  const at = spec.threatModels.findIndex((threat) => threat.name === name);
  const threat = spec.threatModels[at];
  if (threat === undefined) {
    const names = spec.threatModels.map((each) => each.name);
    const near = nearest(name, names);
    throw new RobustnessError(
      'export/threat-model',
      `The spec has no threat model “${name}”.`,
      `${near === null ? '' : `Did you mean ${near}? `}It has: ${names.join(', ') || 'none'}.`,
    );
  }
  const outcomes = report?.outcomes.brokenBy[name];
  return {
    threat: attackThreat(threat, facts.shape),
    cascade: plan.cascades[at] ?? [],
    target: plan.targets[at] ?? null,
    brokenBy: outcomes?.map((by) => (by === 'clean' ? null : by)) ?? null,
  };
}

interface Batch {
  readonly start: number;
  readonly x: Float32Array;
  readonly y: Int32Array;
  readonly logits: Float32Array;
  readonly size: number;
  readonly classes: number;
}

/** The pairs of one rank: an example and, of a targeted attacker, the class to reach for it. Positions are those of the evaluation. */
function chunkOf({ target }: Threatened, wanted: readonly number[], rank: number, batch: Batch): Chunk {
  const { start, x, y, logits, size, classes } = batch;
  const aims = wanted.map((i) =>
    target === null ? 0 : chooseTarget(target, start + i, rank, y[i]!, logits.subarray(i * classes, (i + 1) * classes)),
  );
  const kept = wanted.filter((_, k) => aims[k] !== -1);
  const each = target?.perExample ?? 1;
  return {
    indices: Int32Array.from(kept, (i) => (start + i) * each + rank),
    x: gather(x, kept, size),
    y: Int32Array.from(kept, (i) => y[i]!),
    ...(target === null ? {} : { targetClasses: Int32Array.from(aims.filter((aim) => aim !== -1)) }),
  };
}

/** Runs the cascade on a chunk, writes what it breaks, and returns the positions of these examples. */
async function breakChunk(
  context: ExportContext,
  threatened: Threatened,
  chunk: Chunk,
  rows: ExportRows,
  tally: AdversarialTally,
): Promise<number[]> {
  const { threat, cascade, target, brokenBy } = threatened;
  const size = context.oracle.exampleSize;
  const each = target?.perExample ?? 1;
  const exampleOf = (k: number) => Math.floor(chunk.indices[k]! / each);
  const results = new Map<number, { x: Float32Array; predicted: number; distance: number }>();
  const standing = new Set(chunk.indices.keys());
  const attempt = async ({ attack, budget }: PlannedAttack, given: readonly number[]): Promise<void> => {
    if (given.length === 0) return;
    const part = rowsOf(chunk, given, size);
    const settings = { oracle: context.oracle, verifier: context.verifier, seed: context.spec.seed };
    const outcome = await execute(attack, budget, threat, part, settings);
    const confirmed = given.filter((_, i) => outcome.confirmed[i] === 1);
    if (confirmed.length === 0) return;
    const positions = confirmed.map((k) => given.indexOf(k));
    const inFile = context.form.fromFile(context.form.toFile(gather(outcome.adversarial, positions, size)));
    const { x, y, targetClasses } = rowsOf(chunk, confirmed, size);
    const aimed = targetClasses === undefined ? {} : { targets: targetClasses };
    const again = await context.verifier.confirm({ x, adversarial: inFile, y, ...aimed, threat });
    for (const [i, k] of confirmed.entries()) {
      if (again.confirmed[i] !== 1) {
        tally.lostInRounding++;
        continue;
      }
      standing.delete(k);
      const own = inFile.slice(i * size, (i + 1) * size);
      results.set(k, { x: own, predicted: again.prediction[i]!, distance: again.distance[i]! });
    }
  };
  if (brokenBy !== null) {
    for (const planned of cascade) {
      await attempt(
        planned,
        [...standing].filter((k) => brokenBy[exampleOf(k)] === planned.attack.name),
      );
    }
  }
  for (const planned of cascade) await attempt(planned, [...standing]);
  const found: number[] = [];
  for (const [k, { x, predicted, distance }] of [...results].sort(([a], [b]) => a - b)) {
    const index = exampleOf(k);
    found.push(index);
    await rows.add(x, {
      y: chunk.y[k]!,
      index,
      y_pred: predicted,
      distance,
      ...(chunk.targetClasses === undefined ? {} : { target: chunk.targetClasses[k]! }),
    });
  }
  return found;
}

function rowsOf(chunk: Chunk, rows: readonly number[], size: number): Chunk {
  return {
    indices: Int32Array.from(rows, (k) => chunk.indices[k]!),
    x: gather(chunk.x, rows, size),
    y: Int32Array.from(rows, (k) => chunk.y[k]!),
    ...(chunk.targetClasses === undefined
      ? {}
      : { targetClasses: Int32Array.from(rows, (k) => chunk.targetClasses![k]!) }),
  };
}
