import type { PitfallRule } from '../types';
import { exampleList, listed, percent } from '../words';

/** Share of the sample about which file and attacked graph may disagree by rounding. */
const allowed = 0.01;
/** Claims refused by the verifier that are no accident, and their share of all claims. */
const fewestRefused = 3;
const refusedShare = 0.05;

/** Attacks ran on something that is not quite the model in the file. */
export const attackedGraphDiffers: PitfallRule = {
  name: 'attacked-graph-differs',
  severity: 'error',
  source:
    'Pintor et al., Indicators of Attack Failure, NeurIPS 2022, "transfer failure"; Tramèr et al., On Adaptive Attacks to Adversarial Example Defenses, NeurIPS 2020 (attack the full defence)',
  check(report) {
    // Of a random model every pass differs, the file's own too.
    if ((report.model.random ?? []).length > 0 || report.status.state === 'running') return [];
    const { forward } = report.checks;
    const differing = forward && forward.examples > 0 ? forward.disagreements / forward.examples : 0;
    const rows = report.threatModels.flatMap(({ name, attacks }) => attacks.map((attack) => ({ name, attack })));
    const refused = rows.reduce((sum, { attack }) => sum + attack.refused, 0);
    const claimed = refused + rows.reduce((sum, { attack }) => sum + attack.broken, 0);
    const many = refused >= fewestRefused && refused > refusedShare * claimed;
    if (differing <= allowed && !many) return [];
    const words = [
      ...(differing > allowed ? [`disagree about ${percent(differing)} of a clean sample`] : []),
      ...(many ? [`disagree about ${refused} of ${claimed} adversarial examples`] : []),
    ];
    return [
      {
        severity: differing > allowed ? 'error' : 'warning',
        message: `The file and the graph that attacks ran on ${listed(words)}, so attacks climbed another model's loss.`,
        evidence: [
          ...(forward && forward.disagreements > 0
            ? [`clean examples that differ: ${exampleList(forward.disagreeing)}`]
            : []),
          ...rows
            .filter(({ attack }) => attack.refused > 0)
            .map(
              ({ name, attack }) =>
                `${attack.title} (${name}): ${attack.refused} claims refused, ${attack.broken} confirmed`,
            ),
        ],
        advice: 'Export the model in float32 and without fused or quantised layers, and evaluate that file too.',
      },
    ];
  },
};
