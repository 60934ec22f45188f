import type { OutputThreatReport, RegressionReport } from '../report/regression';
import type { Pitfall } from '../report/schema';
import type { Finding, PitfallSeverity } from './types';
import { listed, short } from './words';

type Rule = { readonly severity: PitfallSeverity; check(report: RegressionReport): readonly Finding[] };

/** The rules that make sense without classes; each has the name, the page and the source of the one for classifiers. */
const rules: Readonly<Record<string, Rule>> = {
  'no-gradient': {
    severity: 'error',
    check({ model, threatModels }) {
      const { available, unavailable, reasons } = model.gradient;
      const claimed = threatModels.filter(({ knowledge }) => knowledge === 'white-box');
      if (available || claimed.length === 0) return [];
      return [
        {
          message: `No white-box attack ran: there is no gradient through ${listed(unavailable) || 'this model'}.`,
          evidence: [
            `white-box by name: ${listed(claimed.map(({ name }) => name))}`,
            `operators in the way: ${listed(unavailable.map((name) => (reasons?.[name] ? `${name} (${reasons[name]})` : name)))}`,
          ],
          advice:
            'Read the worst case as that of black-box attacks alone, or export the model with operators that can be differentiated.',
        },
      ];
    },
  },
  'gradient-masking': {
    severity: 'warning',
    check: (report) => report.threatModels.flatMap((threat) => masking(report, threat)),
  },
  'no-threat-model': {
    severity: 'warning',
    check({ threatModelStated, threatModels }) {
      if (threatModelStated) return [];
      return [
        {
          message: `No threat model is stated; ${listed(threatModels.map(({ name }) => name))} was assumed.`,
          evidence: threatModels.map((t) => `${t.name}: ${t.norm}, ε = ${t.epsilonText}, ${t.knowledge}`),
          advice: 'Say in the spec under `threatModels` which norm and ε an attacker of this system really has.',
        },
      ];
    },
  },
  'epsilon-out-of-scale': {
    severity: 'error',
    check: ({ threatModels }) =>
      threatModels
        .filter(({ epsilon }) => epsilon === 0)
        .map(({ name }) => ({
          message: `ε = 0 in ${name} lets the attacker change nothing, so its worst case is the clean error.`,
          evidence: [`${name}: ε = 0`],
          advice: 'Give the ε that an attacker really has.',
        })),
  },
  'too-few-examples': {
    severity: 'warning',
    check({ status, clean, data }) {
      if (status.state === 'running' || clean === null) return [];
      const { value, low, high } = clean.mae;
      const half = (high - low) / 2;
      if (value === 0 || half <= widest * value) return [];
      const enough = Math.ceil(data.count * (half / (widest * value)) ** 2);
      return [
        {
          message: `${data.count} examples leave the mean absolute error uncertain by ${short((100 * half) / value)} % either way.`,
          evidence: [`clean MAE: ${short(value)} (${short(low)}–${short(high)}, n = ${data.count})`],
          advice: `${data.available > data.count ? `Raise the limit (${data.available} are available)` : 'Get more test data'}: about ${enough} examples bring it to ${100 * widest} %.`,
        },
      ];
    },
  },
};

/** Half-width of an interval, as a share of the figure, that leaves it one digit. */
const widest = 0.2;

/** A search without gradients that gets further than climbs along them shows that these do not lead upward. */
function masking({ status }: RegressionReport, threat: OutputThreatReport): Finding[] {
  const at = threat.attacks.findIndex(({ name }) => name === 'square');
  const before = threat.attacks[at - 1];
  const search = threat.attacks[at];
  if (status.state === 'running' || !before || !search) return [];
  const gain = search.maeAfter.value - before.maeAfter.value;
  if (!(search.worsened >= Math.max(5, 0.02 * search.attempted) && gain > 0.02 * before.maeAfter.value)) return [];
  return [
    {
      message: `Random search found larger errors than gradients did under ${threat.name}: the gradients do not lead to the worst case.`,
      evidence: [
        `worst-case MAE after gradient attacks: ${short(before.maeAfter.value)}`,
        `after random search: ${short(search.maeAfter.value)}, larger for ${search.worsened} of ${search.attempted} examples`,
      ],
      advice: 'Raise `queries` and `restarts`, and look for saturated or rounding operators in the model.',
    },
  ];
}

const gravity = { error: 0, warning: 1, info: 2 } as const;

/** What is wrong with an evaluation of a model that predicts numbers, gravest first. */
export function checkRegressionPitfalls(report: RegressionReport): Pitfall[] {
  const found = Object.entries(rules).flatMap(([name, { severity, check }]) =>
    check(report).map((finding) => ({
      rule: `pitfalls/${name}`,
      severity: finding.severity ?? severity,
      message: finding.message,
      evidence: [...finding.evidence],
      advice: finding.advice,
      help: `docs/rules/pitfalls/${name}.md`,
    })),
  );
  return found.sort((a, b) => gravity[a.severity] - gravity[b.severity]);
}
