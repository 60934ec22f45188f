import type { Mitigation } from '../report/evidenceSchema';
import type { Pitfall, Report } from '../report/schema';

export type PitfallSeverity = Pitfall['severity'];

/** What a rule finds; the registry adds the rule's name, severity and page. */
export interface Finding {
  readonly message: string;
  readonly evidence: readonly string[];
  readonly advice: string;
  /** Only where a finding is graver or lighter than the rule's own severity. */
  readonly severity?: PitfallSeverity;
  /** Where a stronger run is what helps. */
  readonly mitigation?: Mitigation;
}

/** One machine-checked fault of an evaluation: one file, one page in docs/rules, one test with the same name. */
export interface PitfallRule {
  /** Name without the `pitfalls/` prefix: `no-threat-model`. */
  readonly name: string;
  readonly severity: PitfallSeverity;
  /** Paper and section, or the check in published code, that it is taken from. */
  readonly source: string;
  check(report: Report): readonly Finding[];
}
