import { apgdCe } from '../../attack/apgd';
import { unsuitable } from '../../attack/request';
import { transferAttack } from '../../attack/transfer';
import type { Attack, AttackBudget, AttackThreat } from '../../attack/types';
import { throughLogitsOf } from '../../ensemble/attack';
import { type OpenedMember, verifierOf } from '../../ensemble/open';
import type { OpenedModel } from '../../model';
import { addCost, besideCascade, type Cost, recordBroken, standingOf } from '../credit';
import type { EnsembleThreatState } from '../ensembleState';
import { type Chunk, gather } from '../examples';
import { argmax, isCorrect } from '../state';
import { samplePositions } from './check';
import { execute } from './execute';
import type { EvaluationFacts, Stage, StageContext } from './stage';

/** What each member's own file predicts for the examples as they are: [members · n] */
export function membersStage(members: readonly OpenedMember[], facts: EvaluationFacts): Stage<Int32Array> {
  return {
    id: 'ensemble/members',
    title: 'Members of the ensemble by themselves',
    kind: 'scores',
    family: 'ensemble-members',
    passes: members.length,
    chunk: facts.unitSize,
    select: (state) => Int32Array.from({ length: state.ensemble ? state.count : 0 }, (_, i) => i),
    run: ({ x }) => predictionsOf(members, x),
    apply({ ensemble }, indices, predictions) {
      if (!ensemble) return;
      ensemble.predictions.forEach((own, m) => {
        indices.forEach((index, i) => {
          own[index] = predictions[m * indices.length + i]!;
        });
      });
      ensemble.seen += indices.length;
    },
  };
}

async function predictionsOf(members: readonly OpenedMember[], x: Float32Array): Promise<Int32Array> {
  const all: number[] = [];
  for (const { original } of members) all.push(...argmax(await original.predict(x), original.classes));
  return Int32Array.from(all);
}

/** What attacks through all members, and on each by itself, do to the same examples. [n] each; 1 is broken. */
interface Parts {
  readonly throughAll: Broken;
  /** By member: right (1) about what breaks the ensemble; 2 where nothing did. */
  readonly onEnsemble: readonly Uint8Array[];
  readonly alone: readonly Uint8Array[];
  readonly transfer: readonly Broken[];
}

interface Broken {
  readonly broken: Uint8Array;
  /** Distance that the ensemble's verifier confirmed; Infinity where it did not. */
  readonly reach: Float64Array;
  readonly cost: Cost;
}

const attack: Attack = apgdCe;
const budget: AttackBudget = { iterations: 50, restarts: 1, queries: 0 };
const noCost: Cost = { refused: 0, forwards: 0, backwards: 0, seconds: 0 };

/** Whether the members can be held against the whole under this threat model. */
export function canCompareParts(
  threat: Pick<AttackThreat, 'norm'>,
  members: readonly OpenedMember[],
  classes: number,
): boolean {
  return members.some(
    ({ differentiable }) => unsuitable(attack, { norm: threat.norm, classes, differentiable }) === null,
  );
}

/**
 * One sample, one attack, one budget: through all members of the ensemble at once, on each member by itself, and what was made on
 * one member tried on the ensemble. How much more stands against the parts than against the whole is what an evaluation in parts
 * would have claimed too much (He et al. 2017; Tramèr et al. 2020, §5.2 on ensembles).
 */
export function partsStage(
  threatIndex: number,
  threatName: string,
  threat: AttackThreat,
  members: readonly OpenedMember[],
  facts: EvaluationFacts,
  throughLogits?: OpenedModel['throughLogits'],
): Stage<Parts> {
  return {
    id: `ensemble/parts/${threatName}`,
    title: `The ensemble against its members (${threatName})`,
    kind: 'gradient',
    family: 'ensemble-parts',
    passes: (2 * members.length + 1) * budget.iterations,
    chunk: facts.unitSize,
    select: (state) => (state.ensemble ? samplePositions(state.count) : new Int32Array()),
    async run(chunk, context) {
      const { state } = context;
      const size = context.oracle.exampleSize;
      const right = [...chunk.y.keys()].filter((i) => isCorrect(state, chunk.indices[i]!));
      const alone: Uint8Array[] = [];
      const transfer: Broken[] = [];
      for (const [m, member] of members.entries()) {
        const own = new Uint8Array(chunk.y.length);
        alone.push(own);
        if (!member.differentiable) {
          transfer.push(nothing(chunk.y.length));
          continue;
        }
        const predictions = state.ensemble!.predictions[m]!;
        const standing = [...chunk.y.keys()].filter((i) => predictions[chunk.indices[i]!] === chunk.y[i]);
        const oracle = await member.oracle();
        const outcome = await execute(attack, budget, threat, rowsOf(chunk, standing, oracle.exampleSize), {
          ...context,
          oracle,
          verifier: verifierOf(member),
        });
        standing.forEach((row, k) => {
          own[row] = outcome.confirmed[k]!;
        });
        transfer.push((await attacked(transferAttack(member.name, oracle), threat, chunk, right, context)).found);
      }
      if (!facts.differentiable) {
        const none = members.map(() => new Uint8Array(chunk.y.length).fill(2));
        return { throughAll: nothing(chunk.y.length), onEnsemble: none, alone, transfer };
      }
      const { found, adversarial } = await attacked(attack, threat, chunk, right, context);
      const left = right.filter((row) => found.broken[row] !== 1);
      const second = left.length > 0 ? throughLogits : undefined;
      const again = second && (await attacked(throughLogitsOf(second), threat, chunk, left, context));
      if (again) {
        for (const row of left) {
          found.broken[row] = again.found.broken[row]!;
          found.reach[row] = again.found.reach[row]!;
          adversarial.set(again.adversarial.subarray(row * size, (row + 1) * size), row * size);
        }
      }
      const throughAll = { ...found, cost: again ? summed(found.cost, again.found.cost) : found.cost };
      return { throughAll, onEnsemble: await rightAbout(members, chunk, found, adversarial), alone, transfer };
    },
    apply(state, indices, result) {
      const { ensemble } = state;
      const of = state.threats[threatIndex];
      if (!ensemble || !of) return;
      const known = ensemble.threats.find(({ threatModel }) => threatModel === threatName);
      const own = known ?? emptyThreat(threatName, members, facts.differentiable);
      if (!known) ensemble.threats.push(own);
      indices.forEach((index, i) => {
        const right = isCorrect(state, index);
        own.rows.right.push(right ? 1 : 0);
        own.rows.standing.push(right && result.throughAll.broken[i] !== 1 ? 1 : 0);
        own.rows.members.forEach((rows, m) => {
          const memberRight = ensemble.predictions[m]![index] === state.label[index];
          rows.right.push(memberRight ? 1 : 0);
          rows.alone.push(memberRight && result.alone[m]![i] !== 1 ? 1 : 0);
          rows.transfer.push(right && result.transfer[m]!.broken[i] !== 1 ? 1 : 0);
          if (result.onEnsemble[m]![i] !== 2) rows.onEnsemble.push(result.onEnsemble[m]![i]!);
        });
      });
      const credit = (title: string, by: Attack, { reach, cost }: Broken) => {
        const tally = besideCascade(of, title, by, budget);
        addCost(tally, standingOf(of, indices), cost);
        indices.forEach((index, i) => {
          recordBroken(of, index, reach[i]!, tally);
        });
      };
      if (facts.differentiable) credit(`${attack.title}, run as a check`, attack, result.throughAll);
      members.forEach(({ name, differentiable }, m) => {
        const by = { ...attack, name: 'transfer', needs: 'labels' as const };
        if (differentiable) credit(`Transfer from ${name}, run as a check`, by, result.transfer[m]!);
      });
    },
    finish({ ensemble }) {
      const own = ensemble?.threats.find(({ threatModel }) => threatModel === threatName);
      if (own) own.done = true;
    },
  };
}

function emptyThreat(threatModel: string, members: readonly OpenedMember[], throughAll: boolean): EnsembleThreatState {
  const { name, title } = attack;
  return {
    threatModel,
    attack: { name, title, iterations: budget.iterations },
    throughAll,
    rows: {
      right: [],
      standing: [],
      members: members.map((member) => ({
        name: member.name,
        attacked: member.differentiable,
        right: [],
        alone: [],
        transfer: [],
        onEnsemble: [],
      })),
    },
    done: false,
  };
}

const nothing = (n: number): Broken => ({
  broken: new Uint8Array(n),
  reach: new Float64Array(n).fill(Number.POSITIVE_INFINITY),
  cost: noCost,
});

function summed(a: Cost, b: Cost): Cost {
  return {
    refused: a.refused + b.refused,
    forwards: a.forwards + b.forwards,
    backwards: a.backwards + b.backwards,
    seconds: a.seconds + b.seconds,
  };
}

function rowsOf({ x, y, indices }: Chunk, rows: readonly number[], size: number): Chunk {
  return {
    x: gather(x, rows, size),
    y: Int32Array.from(rows, (row) => y[row]!),
    indices: Int32Array.from(rows, (row) => indices[row]!),
  };
}

/** Attacks the ensemble, on the rows that it is right about. */
async function attacked(
  by: Attack,
  threat: AttackThreat,
  chunk: Chunk,
  rows: readonly number[],
  context: StageContext,
): Promise<{ found: Broken; adversarial: Float32Array }> {
  const { exampleSize } = context.oracle;
  const adversarial = chunk.x.slice();
  const found = nothing(chunk.y.length);
  const outcome = await execute(by, budget, threat, rowsOf(chunk, rows, exampleSize), context);
  rows.forEach((row, k) => {
    found.broken[row] = outcome.confirmed[k]!;
    found.reach[row] = outcome.reach[k]!;
    adversarial.set(outcome.adversarial.subarray(k * exampleSize, (k + 1) * exampleSize), row * exampleSize);
  });
  return { found: { ...found, cost: outcome.cost }, adversarial };
}

/** By member, [n]: whether its own file is right about the examples that break the ensemble; 2 for the others. */
async function rightAbout(
  members: readonly OpenedMember[],
  chunk: Chunk,
  { broken }: Broken,
  adversarial: Float32Array,
): Promise<Uint8Array[]> {
  const rows = [...broken.keys()].filter((i) => broken[i] === 1);
  const size = chunk.x.length / Math.max(1, chunk.y.length);
  const predictions =
    rows.length === 0 ? new Int32Array() : await predictionsOf(members, gather(adversarial, rows, size));
  return members.map((_, m) => {
    const right = new Uint8Array(broken.length).fill(2);
    rows.forEach((row, k) => {
      right[row] = predictions[m * rows.length + k] === chunk.y[row] ? 1 : 0;
    });
    return right;
  });
}
