import { evaluate } from '../engine/evaluate/evaluate';
import { inferEvaluation } from '../engine/evaluate/inferEvaluation';
import { exportExamples } from '../engine/export/export';
import { inspectModel } from '../engine/model';
import type { WorkerJob, WorkerMessage } from './protocol';

/** Does one job; what it resolves to is the `result` of the worker's last message. */
export function runJob(job: WorkerJob, say: (message: WorkerMessage) => void): Promise<unknown> {
  switch (job.kind) {
    case 'evaluate':
      return evaluate(job.request, {
        onStarted: ({ runId, reportPath }) => say({ type: 'started', runId, reportPath }),
        onProgress: (progress) => say({ type: 'progress', progress }),
        onNotice: (text) => say({ type: 'notice', text }),
        onReport: (report) => say({ type: 'report', report }),
      });
    case 'export':
      return exportExamples(job.request, (progress) =>
        say({ type: 'progress', progress: { ...progress, secondsLeft: null } }),
      );
    case 'inspect':
      return inspectModel(job.modelPath);
    case 'infer':
      return inferEvaluation(job.modelPath, job.dataPath);
  }
}
