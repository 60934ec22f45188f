import type { RegressionReport } from '../../engine/report/regression';
import { modelName, sections } from '../../engine/report/sections';
import { caveat } from '../../engine/report/words';
import type { OutputPage } from './protocol';

/** What the editor shows of a report on a model that predicts numbers. */
export function outputPage(report: RegressionReport): OutputPage {
  return {
    type: 'outputs',
    title: modelName(report),
    caveat: caveat(report),
    state: report.status.state,
    sections: sections(report),
    pitfalls: report.pitfalls,
  };
}
