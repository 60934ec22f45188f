import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpenedModel } from '../model';
import type { ResolvedSpec } from '../spec/schema';
import { settleMembers } from './ensembleSubject';
import { withColumns } from './evaluate';
import { settlePreprocess } from './inference';
import { Journal } from './journal';
import { factsOf, openFor, openSubject, type Subject } from './prepare';
import type { EvaluationFacts } from './stage/stage';
import type { EvaluationRequest, Target } from './target';

/** A model and its data, opened as an evaluation opens them, for work that is no run: nothing is left on disk. */
export interface OpenedTarget {
  readonly subject: Subject;
  /** With the pre-processing settled. */
  readonly spec: ResolvedSpec;
  readonly opened: OpenedModel;
  readonly facts: EvaluationFacts;
  /** What was found rather than stated, in words. */
  readonly notes: readonly string[];
  /** Releases model and data. */
  close(): Promise<void>;
}

/**
 * @param accept looks at the data before the model is opened, and throws where they are of no use
 * @throws RobustnessError what `accept`, the spec, the data and the model throw
 */
export async function openTarget(
  target: Target,
  request: EvaluationRequest,
  accept: (subject: Subject) => void = () => {},
): Promise<OpenedTarget> {
  const subject = await openSubject(target, request);
  const undo: (() => Promise<void>)[] = [() => subject.dataset.close()];
  const close = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    accept(subject);
    const { spec, notes } = await settled(subject);
    const opened = await openFor({ ...subject, spec }, spec.preprocess, request.batchSize);
    undo.push(() => opened.release());
    const facts = await withColumns(factsOf(subject, opened), subject, spec);
    return { subject, spec, opened, facts, notes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What evaluations journal, so that a run that is resumed chooses alike, is forgotten here. */
async function settled(subject: Subject): Promise<{ spec: ResolvedSpec; notes: readonly string[] }> {
  const scratch = await mkdtemp(join(tmpdir(), 'robustness-'));
  try {
    const journal = await Journal.create(join(scratch, 'journal.jsonl'));
    try {
      return await (subject.target.ensemble ? settleMembers : settlePreprocess)(subject, journal, '');
    } finally {
      await journal.close();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
