import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createVerifier } from '../attack/verify';
import { corruptionByName } from '../corruption/registry';
import { columnsOf } from '../corruption/tabular/columns';
import { RobustnessError, toErrorData } from '../error';
import type { OpenedModel } from '../model';
import { providerNotice } from '../oracle/provider';
import type { AnyReport } from '../report/regression';
import type { Report } from '../report/schema';
import { baseOfReport, reportPathFor, storedPath, writeReport } from '../report/store';
import type { Preprocess, ResolvedSpec } from '../spec/schema';
import { Assembler } from './assemble';
import { baselineReport, confirmLabels, type EarlierVersion, openBaseline } from './baseline';
import { isAtChance } from './chance';
import { type OpenedReference, openCorruptionReference } from './corruptionReference';
import { ensembleStages } from './ensemblePlan';
import { emptyEnsembleState } from './ensembleState';
import { ensembleAtChance, settleMembers } from './ensembleSubject';
import { absoluteEnsemble } from './ensembleTarget';
import { parseGate } from './gate';
import { checkMeasurable } from './gateStability';
import { trainAccuracy } from './generalisation';
import { atChanceError, settlePreprocess } from './inference';
import type { Journal } from './journal';
import { planStages } from './plan';
import { prepareBeyond } from './planBeyond';
import { factsOf, frameOf, openFor, openSubject, type Subject } from './prepare';
import { probeData } from './probeData';
import { settleRandomness } from './randomness';
import { regressionWork } from './regression/work';
import { progressTotal, type RunProgress, runStages } from './run';
import { findRun, RunFolder } from './runFolder';
import { openShifts } from './shifts';
import { ShiftWork } from './shiftWork';
import { stabilityPlan } from './stabilityPlan';
import { type OpenedStabilityReference, openStabilityReference } from './stabilityReference';
import { StabilityAssembler } from './stabilityReport';
import type { EvaluationFacts, StageContext } from './stage/stage';
import { emptyState, isCorrect, type RunState, where } from './state';
import { basesOf, type EvaluationRequest, type Target, targetsOf } from './target';
import { Throttle } from './throttle';
import { openSurrogates, type Surrogates } from './transfer';
import { tool } from './version';
import type { Work } from './work';

export interface EvaluationHandlers {
  /** For each model: its report exists now and will fill in. */
  onStarted?(run: { readonly runId: string; readonly reportPath: string }): void;
  onProgress?(progress: RunProgress): void;
  /** Something that a person who waits for the result should know, in a sentence; the report says it too. */
  onNotice?(text: string): void;
  /** The report so far, at most twice a second, and always the last; the same is on disk. */
  onReport?(report: AnyReport): void;
}

export interface EvaluationResult {
  readonly runId: string;
  /** Absolute, one a model, in the order of the spec. */
  readonly reportPaths: readonly string[];
}

const reportInterval = 500;

/**
 * Evaluates what a request means, one report a model. Finished work is journalled; a run that is killed at any moment
 * resumes from its journal (`resume`) to the report of an undisturbed one.
 * @throws RobustnessError
 */
export async function evaluate(
  request: EvaluationRequest,
  handlers: EvaluationHandlers = {},
  signal?: AbortSignal,
): Promise<EvaluationResult> {
  const { targets, merged, base } = await settle(request);
  if (targets.length > 1 && merged.out !== undefined) {
    throw new RobustnessError(
      'usage/one-output',
      `The spec names ${targets.length} models, and each gets its own report.`,
      'Leave `out` away, or evaluate one model at a time.',
    );
  }
  const run =
    request.resume === undefined
      ? await RunFolder.create(base, merged, new Date())
      : await RunFolder.resume(base, request.resume);
  try {
    const reportPaths: string[] = [];
    for (const target of targets) {
      const out = merged.out === undefined ? reportPathFor(base, target.modelPath) : resolve(merged.out);
      await evaluateModel(target, merged, run, out, handlers, signal);
      reportPaths.push(out);
    }
    await run.update({ state: 'complete' });
    await run.journal.close();
    return { runId: run.id, reportPaths };
  } catch (error) {
    await run.failed();
    throw error;
  }
}

/** A run resumes with the settings that it was started with; what is given anew goes before them. */
async function settle(
  request: EvaluationRequest,
): Promise<{ targets: Target[]; merged: EvaluationRequest; base: string }> {
  if (request.resume === undefined) {
    const targets = await targetsOf(request);
    return { targets, merged: absolute(request), base: targets[0]?.base ?? process.cwd() };
  }
  const { base, request: stored } = await findRun(await basesOf(request), request.resume);
  const merged = absolute({ ...stored, ...request });
  return { targets: await targetsOf(merged), merged, base };
}

function absolute(request: EvaluationRequest): EvaluationRequest {
  const { specPath, modelPath, ensemble, dataPath, out } = request;
  return {
    ...request,
    ...(ensemble === undefined ? {} : { ensemble: absoluteEnsemble(ensemble) }),
    ...(specPath === undefined ? {} : { specPath: resolve(specPath) }),
    ...(modelPath === undefined ? {} : { modelPath: resolve(modelPath) }),
    ...(dataPath === undefined ? {} : { dataPath: resolve(dataPath) }),
    ...(out === undefined ? {} : { out: resolve(out) }),
  };
}

async function evaluateModel(
  target: Target,
  request: EvaluationRequest,
  run: RunFolder,
  reportPath: string,
  handlers: EvaluationHandlers,
  signal: AbortSignal | undefined,
): Promise<void> {
  handlers.onProgress?.({ stage: `Opening ${target.modelPath}`, done: 0, total: progressTotal, secondsLeft: null });
  const keyPrefix = `${storedPath(target.base, target.modelPath)}:`;
  const { journal } = run;
  const before = journal.elapsed(keyPrefix);
  const start = performance.now();
  const elapsed = () => before + (performance.now() - start) / 1000;

  const subject = await openSubject(target, request);
  const shifted = await openShifts(subject, request.limit);
  const settle = target.ensemble ? settleMembers : settlePreprocess;
  const { spec, notes: inferenceNotes } = await settle(subject, journal, keyPrefix);
  const opened = await openWithBatch({ ...subject, spec }, spec.preprocess, journal, keyPrefix, request.batchSize);
  const notice = providerNotice(opened.oracle.provider);
  if (notice !== null) handlers.onNotice?.(notice);
  let surrogates: Surrogates | undefined;
  try {
    const facts = await withColumns(factsOf(subject, opened), subject, spec);
    surrogates = await openSurrogates(subject, spec, opened);
    const reference = await openCorruptionReference(spec, facts, target.base, subject.dataset.sha256);
    const stability = await openStabilityReference(spec, facts, target.base, subject.dataset.sha256);
    const base = baseOfReport(reportPath);
    const baseline =
      spec.task === 'regression'
        ? null
        : await openBaseline(spec, subject.dataset, facts, reportPath, (path) => storedPath(base, path));
    const shifts = new ShiftWork(shifted, subject, opened.oracle.classes, spec.seed, base, opened);
    // What cannot be planned is refused before the journal knows of the run.
    const work =
      spec.task === 'regression'
        ? regressionWork(subject, spec, opened, facts, shifts, signal)
        : classificationWork(subject, spec, opened, facts, surrogates, reference, stability, baseline, shifts, signal);
    if (!journal.has(`${keyPrefix}batch`)) await journal.append(`${keyPrefix}batch`, opened.oracle.batchSize);
    const notes = [...inferenceNotes, ...work.notes];
    const frame = frameOf(subject, spec, opened, facts, notes, base, run.id);
    await journal.confirmHeader(`${keyPrefix}header`, {
      tool: tool.version,
      seed: spec.seed,
      modelSha256: frame.text ? `${frame.model.sha256} ${frame.text.tokenizer.sha256}` : frame.model.sha256,
      dataSha256: shifted.sha256 === null ? frame.data.sha256 : `${frame.data.sha256} ${shifted.sha256}`,
      specSha256: frame.specSha256,
    });

    const assemble = work.assembler(frame);
    const publish = async (status: Report['status']): Promise<void> => {
      const report = assemble(status, elapsed());
      await writeReport(reportPath, report);
      handlers.onReport?.(report);
    };
    let last: RunProgress = { stage: 'Preparing', done: 0, total: progressTotal, secondsLeft: null };
    const running = (): Report['status'] => ({ state: 'running', ...shownOf(last), error: null });

    await mkdir(dirname(reportPath), { recursive: true });
    await publish(running());
    await run.addReport(reportPath);
    handlers.onStarted?.({ runId: run.id, reportPath });
    const throttle = new Throttle(reportInterval);
    try {
      await work.run({
        dataset: subject.dataset,
        journal,
        keyPrefix,
        elapsed,
        async onUnit(progress) {
          last = progress;
          handlers.onProgress?.(progress);
          await throttle.run(() => publish(running()));
        },
      });
    } catch (error) {
      await publish({ state: 'failed', ...shownOf(last), error: toErrorData(error) });
      throw error;
    }
    await publish({ state: 'complete', stage: 'Complete', done: progressTotal, total: progressTotal, error: null });
  } finally {
    await surrogates?.release();
    await opened.release();
    await shifted.close();
    await subject.dataset.close();
  }
}

/** With statistics of the columns of a table, where corruptions are measured that need them. */
export async function withColumns(
  facts: EvaluationFacts,
  { dataset }: Subject,
  spec: ResolvedSpec,
): Promise<EvaluationFacts> {
  const needed =
    spec.stability !== undefined ||
    (spec.corruptions?.names.some((name) => corruptionByName(name).columns !== undefined) ?? false);
  if (!needed || facts.kind !== 'vector') return facts;
  const medians = spec.corruptions?.missing === 'median';
  return { ...facts, columns: await columnsOf(dataset, spec.threatModels[0]?.constraints, spec.seed, medians) };
}

/** What an evaluation of a classifier does. */
function classificationWork(
  subject: Subject,
  spec: ResolvedSpec,
  opened: OpenedModel,
  facts: EvaluationFacts,
  surrogates: Surrogates,
  { reference, notes: referenceNotes }: OpenedReference,
  flipReference: OpenedStabilityReference,
  baseline: EarlierVersion | null,
  shifts: ShiftWork,
  signal: AbortSignal | undefined,
): Work {
  const names = spec.threatModels.map((threat) => threat.name);
  const gates = spec.gates.map((gate) => parseGate(gate, names, shifts.names));
  checkMeasurable(gates, spec);
  const plan = planStages(spec, facts, surrogates.attacks);
  const sequenceNotes: string[] = [...flipReference.notes];
  const sequences = stabilityPlan(spec, facts, sequenceNotes, subject.dataset.record !== undefined);
  if (sequences.tallies.length > 0 && opened.facts.random !== undefined) {
    sequenceNotes.push('the forward pass is random: some flips along sequences are its own');
  }
  const stability = new StabilityAssembler(sequences.tallies, flipReference.reference, spec.seed);
  const { oracle, verifierModel, notes } = settleRandomness(opened, spec);
  const state: RunState = {
    ...emptyState(spec, facts.count, facts.classes.length, plan.cascades, plan.targets),
    ...(subject.groups === null ? {} : { groups: subject.groups }),
    ...(opened.members ? { ensemble: emptyEnsembleState(opened.members, facts.count) } : {}),
  };
  prepareBeyond(state, plan, spec, facts);
  return {
    notes: [...notes, ...surrogates.notes, ...referenceNotes, ...plan.notes, ...sequenceNotes],
    assembler(frame) {
      const assembler = new Assembler(frame, gates, reference, shifts.assembler(frame), (report) =>
        partsOf(report, stability, baseline),
      );
      return (status, seconds) => assembler.assemble(state, status, seconds);
    },
    run: (options) =>
      runStages({
        ...options,
        stages: [
          ...plan.stages,
          ...ensembleStages(opened, spec, facts),
          ...sequences.stages,
          ...shifts.stages<RunState, StageContext>((x, context) => context.oracle.logits(x)),
        ],
        context: {
          oracle,
          verifier: createVerifier(verifierModel),
          facts,
          seed: spec.seed,
          state,
          ...(signal ? { signal } : {}),
        },
        async onStage(id) {
          if (id !== 'clean') return shifts.onStage(id, state.logits, options.journal, options.keyPrefix, signal);
          await probeData(subject, state, options.journal, options.keyPrefix, signal);
          await refuseChance(subject, state);
          if (baseline !== null) confirmLabels(baseline, state.label);
          state.train = await trainAccuracy(subject, oracle, options.journal, options.keyPrefix, signal);
        },
      }),
  };
}

/** What of a report is optional, and was measured. */
function partsOf(
  report: Report,
  stability: StabilityAssembler,
  baseline: EarlierVersion | null,
): Partial<Pick<Report, 'stability' | 'baseline'>> {
  const flips = stability.report();
  const changes = baseline === null ? null : baselineReport(baseline, report);
  return { ...(flips === null ? {} : { stability: flips }), ...(changes === null ? {} : { baseline: changes }) };
}

/** A resumed run has the batch size that it began with, unless one is given. */
async function openWithBatch(
  subject: Subject,
  preprocess: Preprocess,
  journal: Journal,
  keyPrefix: string,
  given: number | undefined,
): Promise<OpenedModel> {
  if (given !== undefined) return openFor(subject, preprocess, given);
  const known = journal.get(`${keyPrefix}batch`);
  if (typeof known === 'number') return openFor(subject, preprocess, known);
  // A run that began before sizes were journalled had an estimated one.
  return openFor(subject, preprocess, journal.has(`${keyPrefix}header`) ? undefined : 'measure');
}

function shownOf({ stage, done, total }: RunProgress): Pick<Report['status'], 'stage' | 'done' | 'total'> {
  return { stage, done, total };
}

/** To attack a model that only guesses says nothing about it, so the run ends with what would fit instead. */
async function refuseChance(subject: Subject, state: RunState): Promise<void> {
  const correct = where(state.seen, (i) => isCorrect(state, i)).length;
  if (!isAtChance(correct, state.seen, state.classes)) return;
  if (subject.target.ensemble) throw ensembleAtChance(correct, state.seen, state.classes);
  throw await atChanceError(subject, correct, state.seen, state.classes);
}
