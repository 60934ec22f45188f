import { distinctNames } from '../compare/names';
import { type EnsembleFiles, ofMember } from '../ensemble/open';
import { RobustnessError } from '../error';
import { type Inspection, inspectModel } from '../model';
import { withSeriesSizes } from '../spec/modelInput';
import { resolvePreprocess, unstatedPreprocess } from '../spec/resolve';
import type { Preprocess, ResolvedSpec } from '../spec/schema';
import { memberSpec } from './ensembleTarget';
import { settlePreprocess } from './inference';
import type { Journal } from './journal';
import type { Subject } from './prepare';
import type { Target } from './target';

/** Looks at the members: what is known of the first stands for all, which take the same examples. */
export async function inspectMembers({
  ensemble,
  spec,
}: Required<Pick<Target, 'ensemble' | 'spec'>>): Promise<Inspection> {
  const names = distinctNames(ensemble.members.map(({ path }) => path));
  const all: Inspection[] = [];
  for (const [m, { path, output }] of ensemble.members.entries()) {
    const found = await inspectModel(path, output ?? spec.output).catch((error: unknown) => {
      throw ofMember(error, names[m]!);
    });
    all.push(found);
  }
  const [first] = all;
  if (!first) throw new RangeError('an ensemble has members');
  if (all.some(({ text }) => text !== undefined)) {
    throw new RobustnessError(
      'model/ensemble',
      'The members of the ensemble take token ids of texts, and models of texts are evaluated one by one.',
      'List the models under `models` instead of `ensemble`.',
    );
  }
  const count = ({ facts }: Inspection) => facts.inputs.length;
  const odd = all.findIndex((each) => count(each) !== count(first));
  if (odd !== -1) {
    throw new RobustnessError(
      'model/ensemble',
      `The members of the ensemble do not fit together: ${names[0]} takes ${count(first)} ${count(first) === 1 ? 'input' : 'inputs'} and ${names[odd]} ${count(all[odd]!)}.`,
      'Members have to take the same examples: leave out the one that does not.',
    );
  }
  return first;
}

/** One member of a subject as a subject of its own. */
async function memberSubject(subject: Subject, position: number): Promise<Subject> {
  const { target, dataset } = subject;
  const member = target.ensemble!.members[position]!;
  const { ensemble: _, ...alone } = target;
  const spec = memberSpec(target.spec, member);
  const { facts: model, series } = await inspectModel(member.path, spec.output);
  const input = model.inputs.length > 1 ? [] : (model.inputs[0]?.shape ?? []);
  const isSeries = dataset.kind === 'series';
  const modelInput = isSeries ? withSeriesSizes(input, series?.layout, dataset.shape) : input;
  const inferred: string[] = [];
  const preprocess = resolvePreprocess(spec, { data: dataset, modelInput }, inferred);
  const { ensemble: __, ...resolved } = subject.spec;
  return {
    ...subject,
    target: { ...alone, modelPath: member.path, spec },
    model,
    series: isSeries ? series : null,
    spec: { ...resolved, modelPath: member.path, preprocess, inferred },
  };
}

/**
 * The spec with the pre-processing of each member settled: as stated for it, or for all, or where nothing is said the one under
 * which this member is best on a sample. Choices are journalled.
 */
export async function settleMembers(
  subject: Subject,
  journal: Journal,
  keyPrefix: string,
): Promise<{ spec: ResolvedSpec; notes: readonly string[] }> {
  const { spec, target } = subject;
  const names = distinctNames(target.ensemble!.members.map(({ path }) => path));
  const members: NonNullable<ResolvedSpec['ensemble']>['members'][number][] = [];
  const notes: string[] = [];
  for (const [m, { path, output }] of target.ensemble!.members.entries()) {
    const alone = await memberSubject(subject, m);
    const settled = await settlePreprocess(alone, journal, `${keyPrefix}member-${m}:`).catch((error: unknown) => {
      throw ofMember(error, names[m]!);
    });
    notes.push(...[...settled.spec.inferred, ...settled.notes].map((note) => `${names[m]}: ${note}`));
    members.push({ path, preprocess: settled.spec.preprocess, ...(output === undefined ? {} : { output }) });
  }
  const { name, combine, weights } = target.ensemble!;
  const inferred = spec.inferred.filter(
    (note) => note !== unstatedPreprocess && !/^the layout of the model/.test(note),
  );
  return { spec: { ...spec, inferred, ensemble: { name, combine, weights, members } }, notes };
}

/** @param preprocess of a member whose own is not settled */
export function filesOf({ target, spec, scale }: Subject, preprocess: Preprocess): EnsembleFiles {
  const { combine, weights, members } = target.ensemble!;
  return {
    path: target.modelPath,
    combine,
    weights,
    members: members.map(({ path, output }, m) => {
      const own = spec.ensemble?.members[m]?.preprocess ?? preprocess;
      const scores = output ?? target.spec.output;
      return {
        path,
        preprocess: scale ? { ...own, scale } : own,
        ...(scores === undefined ? {} : { output: scores }),
      };
    }),
  };
}

/** An ensemble that guesses has members that do: they are told apart one by one. */
export function ensembleAtChance(correct: number, count: number, classes: number): RobustnessError {
  return new RobustnessError(
    'evaluate/at-chance',
    `The ensemble is right about ${correct} of ${count} examples, which guessing among ${classes} classes does as well.`,
    'Evaluate its members one by one: data, labels or pre-processing do not belong to some of them.',
  );
}
