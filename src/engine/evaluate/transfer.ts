import { basename, resolve } from 'node:path';
import { unsuitable } from '../attack/request';
import { transferAttack, transferObstacle } from '../attack/transfer';
import type { Attack } from '../attack/types';
import { throughLogitsOf } from '../ensemble/attack';
import { RobustnessError } from '../error';
import type { OpenedModel } from '../model';
import type { ResolvedSpec } from '../spec/schema';
import { openFor, type Subject } from './prepare';

/** Models whose adversarial examples are tried on the one that is evaluated. */
export interface Surrogates {
  /** Attacks by the name of the threat model that asked for them. */
  readonly attacks: ReadonlyMap<string, readonly Attack[]>;
  /** What was left out, and why. */
  readonly notes: readonly string[];
  release(): Promise<void>;
}

/**
 * Opens the models that threat models name in `transferFrom`, each once, with the pre-processing of the one evaluated.
 *
 * @throws `spec/transfer` where a threat model asks for the spec's other models and there are none; errors of {@link openFor}
 * for a file that cannot be opened.
 */
export async function openSurrogates(subject: Subject, spec: ResolvedSpec, opened: OpenedModel): Promise<Surrogates> {
  const { target } = subject;
  const models = new Map<string, OpenedModel>();
  const attacks = new Map<string, Attack[]>();
  const notes: string[] = [];
  const release = async () => {
    for (const model of models.values()) await model.release();
  };
  try {
    for (const { name, norm, transferFrom } of spec.threatModels) {
      if (transferFrom === undefined) continue;
      const siblings = target.ensemble?.members.map(({ path }) => path) ?? target.spec.models ?? [];
      const named = transferFrom === 'models' ? siblings : transferFrom;
      const others = [...new Set(named.map((path) => resolve(target.base, path)))].filter(
        (path) => path !== target.modelPath,
      );
      if (others.length === 0) {
        throw new RobustnessError(
          'spec/transfer',
          `The threat model ${name} asks for transfer from other models, and there is none.`,
          'Name model files in `transferFrom`, other than the one evaluated, or several in `models`.',
        );
      }
      for (const path of others) {
        // What a member of the ensemble wants of its input is its own.
        const preprocess = spec.ensemble?.members.find((member) => member.path === path)?.preprocess ?? spec.preprocess;
        const { ensemble: _, ...alone } = target;
        const model =
          models.get(path) ?? (await openFor({ ...subject, target: { ...alone, modelPath: path } }, preprocess));
        models.set(path, model);
        const obstacle = transferObstacle(opened.oracle, model.oracle, norm);
        if (obstacle !== null) notes.push(`${name}: transfer from ${basename(path)} was left out, ${obstacle}`);
        else attacks.set(name, [...(attacks.get(name) ?? []), transferAttack(basename(path), model.oracle)]);
      }
    }
    for (const { name, norm, knowledge, goal, constraints } of spec.threatModels) {
      if (
        !opened.throughLogits ||
        opened.facts.random ||
        knowledge !== 'white-box' ||
        goal === 'targeted' ||
        constraints
      )
        continue;
      const { classes, differentiable } = opened.oracle;
      if (unsuitable(throughLogitsOf(opened.throughLogits), { norm, classes, differentiable }) !== null) continue;
      attacks.set(name, [...(attacks.get(name) ?? []), throughLogitsOf(opened.throughLogits)]);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { attacks, notes, release };
}
