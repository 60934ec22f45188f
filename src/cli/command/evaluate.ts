import { dirname, join } from 'node:path';
import { RobustnessError } from '../../engine/error';
import type { EvaluationRequest } from '../../engine/evaluate/target';
import { targetsOf } from '../../engine/evaluate/target';
import { compareReports, comparisonTable } from '../../engine/report/compare';
import { type AnyReport, isRegression } from '../../engine/report/regression';
import { outputTable } from '../../engine/report/regressionSections';
import { modelName } from '../../engine/report/sections';
import { markStopped, readAnyReport } from '../../engine/report/store';
import { suiteNames } from '../../engine/spec/schema';
import { startWorker } from '../../worker/client';
import type { WorkerMessage } from '../../worker/protocol';
import { type Arguments, type Command, exitCode, jsonOption, type Terminal } from '../command';
import { ensembleOf, ensembleOptions } from '../ensembleOption';
import { perturbed, portOptions } from '../modelExamples';
import { ProgressView } from '../progress';
import { runtimeOptions, runtimeSettings } from '../runtimeOptions';
import { textTable } from '../table';

export const evaluateCommand: Command = {
  name: 'evaluate',
  usage: 'SPEC | (MODEL | --ensemble A,B) --data D [options]',
  summary: 'Clean and robust figures of a model, with the pitfalls of the evaluation; writes a report.',
  details: [
    'SPEC is a robustness.yaml; a MODEL alone is evaluated by the spec found for it, or with --data.',
    'Suites: quick is a first look; standard, plus and rand (for models with a random forward pass) are AutoAttack’s; thorough adds to',
    'plus. A preset takes the place of the suites in the spec, --norm and --epsilon that of its threat models, --goal and --target',
    'that of the goal of each of them: an attacker who wants a certain class, and is the weaker one. See docs/attacks.md.',
    'Exit code 1: a gate of the spec failed.',
  ],
  options: {
    data: { type: 'string', value: 'D', help: 'Data, where there is no spec.' },
    ...ensembleOptions,
    preset: { type: 'string', value: 'P', help: 'Suite of attacks.', choices: suiteNames },
    epsilon: { type: 'string', value: 'E', help: 'Radius in data units, such as 8/255.' },
    norm: {
      type: 'string',
      value: 'N',
      help: 'Norm of the ball; edits for texts.',
      choices: ['linf', 'l2', 'l1', 'l0', 'edits'],
    },
    goal: {
      type: 'string',
      value: 'G',
      help: 'Any wrong class, or a certain one.',
      choices: ['untargeted', 'targeted'],
    },
    target: { type: 'string', value: 'T', help: 'Class to reach: least-likely, random, all, or a class.' },
    limit: { type: 'string', value: 'N', help: 'Use at most so many examples.' },
    seed: { type: 'string', value: 'S', help: 'Seed of everything random.' },
    out: { type: 'string', value: 'FILE', help: 'Where the report goes (one model).' },
    resume: { type: 'string', value: 'RUN', help: 'Go on with an interrupted run.' },
    jobs: { type: 'string', value: 'N', help: 'Models of the spec evaluated at the same time; 1 if absent.' },
    'batch-size': { type: 'string', value: 'N', help: 'Examples that run together; measured if absent.' },
    ...portOptions,
    ...runtimeOptions,
    ...jsonOption,
  },
  positionals: { least: 0, most: 1 },
  async run(args, terminal) {
    const request = requestOf(args);
    const requests = await inParallel(request, args.integer('jobs', 1) ?? 1);
    const view = new ProgressView(terminal);
    const reportPaths = await runAll(requests, args.integer('jobs', 1) ?? 1, view);
    const reports = await Promise.all(reportPaths.map((path) => readAnyReport(path)));
    if (args.flag('json')) {
      const [only] = reports;
      terminal.out(`${JSON.stringify(reports.length === 1 ? only : reports, null, 2)}\n`);
    } else {
      printResults(reports, reportPaths, terminal);
    }
    const passed = reports.every((report) => report.gates.every((gate) => gate.pass));
    return passed ? exitCode.done : exitCode.failed;
  },
};

function requestOf(args: Arguments): EvaluationRequest {
  const [subject] = args.positionals;
  const resume = args.text('resume');
  const ensemble = ensembleOf(args, 'robustness evaluate --ensemble A,B --data D');
  if (subject === undefined && resume === undefined && ensemble === undefined) {
    throw new RobustnessError(
      'usage/arguments',
      'Nothing to evaluate was named.',
      'Usage: robustness evaluate SPEC | MODEL --data D',
    );
  }
  const isSpec = subject !== undefined && /\.(ya?ml|json)$/i.test(subject);
  const dataPath = args.text('data');
  if (isSpec && dataPath !== undefined) {
    throw new RobustnessError(
      'usage/arguments',
      'A spec names its own data.',
      'Leave --data out, or give a model instead of the spec.',
    );
  }
  const perturb = perturbed(args);
  const limit = args.integer('limit', 1);
  const seed = args.integer('seed', 0);
  const batchSize = args.integer('batch-size', 1);
  const text = <K extends string>(name: K) => {
    const value = args.text(name);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    ...(subject === undefined ? {} : isSpec ? { specPath: subject } : { modelPath: subject }),
    ...(dataPath === undefined ? {} : { dataPath }),
    ...(ensemble === undefined ? {} : { ensemble }),
    ...text('preset'),
    ...text('epsilon'),
    ...text('norm'),
    ...text('goal'),
    ...text('target'),
    ...text('output'),
    ...(perturb === undefined ? {} : { perturb }),
    ...text('out'),
    ...text('resume'),
    ...(limit === undefined ? {} : { limit }),
    ...(seed === undefined ? {} : { seed }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...runtimeSettings(args),
  };
}

/** One request a model where several are to run at once; a run that is resumed stays as it was. */
async function inParallel(request: EvaluationRequest, jobs: number): Promise<EvaluationRequest[]> {
  if (jobs === 1 || request.specPath === undefined || request.resume !== undefined) return [request];
  const targets = await targetsOf(request);
  return targets.length > 1 ? targets.map(({ modelPath }) => ({ ...request, modelPath })) : [request];
}

async function runAll(requests: readonly EvaluationRequest[], jobs: number, view: ProgressView): Promise<string[]> {
  const results: string[][] = requests.map(() => []);
  const cancels = new Set<() => void>();
  const interrupt = (): void => {
    for (const cancel of cancels) cancel();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < requests.length) {
        const position = next++;
        results[position] = await runOne(requests[position] as EvaluationRequest, cancels, view);
      }
    };
    await Promise.all(Array.from({ length: Math.min(jobs, requests.length) }, lane));
  } finally {
    interrupt();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    view.clear();
  }
  return results.flat();
}

/** Runs a request in a worker process; a death or a cancel leaves a run to resume, and says how. */
async function runOne(request: EvaluationRequest, cancels: Set<() => void>, view: ProgressView): Promise<string[]> {
  let started: Extract<WorkerMessage, { type: 'started' }> | null = null;
  let model = '';
  const worker = startWorker(
    workerPath(),
    { kind: 'evaluate', request },
    {
      onMessage(message) {
        if (message.type === 'started') started = message;
        else if (message.type === 'report') model = modelName(message.report);
        else if (message.type === 'notice') view.note(`${message.text}.`);
        else if (message.type === 'progress') {
          const { progress } = message;
          view.show(model ? { ...progress, stage: `${model}: ${progress.stage}` } : progress);
        }
      },
    },
  );
  cancels.add(worker.cancel);
  try {
    return [...((await worker.result) as { reportPaths: readonly string[] }).reportPaths];
  } catch (error) {
    const run = started as Extract<WorkerMessage, { type: 'started' }> | null;
    const stopped = RobustnessError.is(error, 'worker/died') || RobustnessError.is(error, 'worker/cancelled');
    if (run && stopped) {
      await markStopped(run.reportPath, 'interrupted', error.toData());
      const subject = request.specPath ?? request.modelPath;
      view.note(
        `Finished work is kept. Resume with: robustness evaluate ${subject ? `${subject} ` : ''}--resume ${run.runId}`,
      );
    }
    throw error;
  } finally {
    cancels.delete(worker.cancel);
  }
}

function printResults(reports: readonly AnyReport[], paths: readonly string[], terminal: Terminal): void {
  const classifiers = reports.filter((report) => !isRegression(report));
  const regressions = reports.filter(isRegression);
  if (classifiers.length > 0) {
    const { columns, rows } = comparisonTable(classifiers);
    terminal.out(textTable(columns, rows));
    terminal.out(
      'Robust accuracy is over all examples, under the strongest attack that ran: an upper bound. 95 % intervals.\n',
    );
    for (const note of compareReports(classifiers).notes) terminal.out(`${note}\n`);
  }
  if (regressions.length > 0) {
    const { columns, rows } = outputTable(regressions);
    terminal.out(textTable(columns, rows));
    terminal.out('Worst errors are those that the attacks that ran reached: lower bounds. 95 % intervals.\n');
  }
  reports.forEach((report, i) => {
    terminal.out(`\n${modelName(report)}: ${paths[i]}\n`);
    for (const { severity, rule, message, advice } of report.pitfalls) {
      terminal.out(`  ${severity}: ${message} ${advice} [${rule}]\n`);
    }
    if (report.pitfalls.length === 0) terminal.out('  No pitfall was found.\n');
    for (const gate of report.gates) {
      const measured = gate.measured === null ? 'not measured' : `measured ${gate.measured.toFixed(4)}`;
      terminal.out(`  gate ${gate.pass ? 'passed' : 'FAILED'}: ${gate.expression} (${measured})\n`);
    }
    if (report.inferred.length > 0)
      terminal.out(
        `  Not stated, so inferred: ${report.inferred.map((note) => note.replace(/\.$/, '')).join('; ')}.\n`,
      );
  });
}

/** The worker's bundle lies beside the command line's. */
function workerPath(): string {
  const here = typeof __dirname === 'string' ? __dirname : dirname(process.argv[1] ?? '.');
  return join(here, 'worker.cjs');
}
