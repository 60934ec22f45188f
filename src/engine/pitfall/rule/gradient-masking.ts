import type { Report } from '../../report/schema';
import { blackBoxFinds, conclusive, curveFault, finished } from '../evidence';
import type { PitfallRule } from '../types';
import { listed, percent } from '../words';
import { weakerIterative } from './iterative-weaker-than-single-step';
import { failingUnbounded } from './unbounded-attack-fails';

/** Operators that round to 8 bits; by name, since the rule table is too heavy for the extension host. */
export const quantised = /[Qq]uantize|QLinear|QGemm|MatMulInteger|ConvInteger/;

/** Share of zero gradients that no mere saturation of a few examples explains. */
const manyZero = 0.1;

/** Signs that the model hides its gradient rather than being robust, brought together in one verdict. */
export const gradientMasking: PitfallRule = {
  name: 'gradient-masking',
  severity: 'error',
  source:
    'Athalye, Carlini & Wagner, Obfuscated Gradients Give a False Sense of Security, ICML 2018, "Identifying Obfuscated & Masked Gradients"; Carlini et al., On Evaluating Adversarial Robustness, 2019, "Verify white-box attacks perform better than black-box attacks"',
  check(report) {
    const whiteBox = report.threatModels.filter(({ knowledge }) => knowledge === 'white-box');
    const threats = finished(report).filter(({ knowledge }) => knowledge === 'white-box');
    const settled = report.status.state === 'complete' || threats.length === whiteBox.length;
    if (threats.length === 0 || !settled || !report.model.gradient.available) return [];
    const signs = signsOf(report);
    if (signs.length === 0) return [];
    // What is at zero already cannot be overstated, masked or not.
    const harmless = threats.every(conclusive);
    return [
      {
        severity: harmless ? 'warning' : 'error',
        message: `The model masks its gradient${harmless ? '' : ', so the robust figure overstates its robustness'}: ${listed([...new Set(signs.map(({ sign }) => sign))])}.`,
        evidence: signs.map(({ detail }) => detail),
        advice:
          'Do not rely on gradient attacks here: attack through a smooth substitute of the masking part, or with more black-box queries.',
      },
    ];
  },
};

function signsOf(report: Report): { sign: string; detail: string }[] {
  const signs: { sign: string; detail: string }[] = [];
  // Rounding to 8 bits is finer than any ε that matters: an estimate for that alone is no sign of masking.
  const straightThrough = report.model.gradient.straightThrough.filter((name) => !quantised.test(name));
  if (straightThrough.length > 0) {
    const detail = `the gradient through ${listed(straightThrough)} is a straight-through estimate: the true one is zero almost everywhere`;
    signs.push({ sign: `its gradient through ${listed(straightThrough)} is only an estimate`, detail });
  }
  for (const threat of finished(report)) {
    const finds = blackBoxFinds(threat);
    if (finds === null) continue;
    const detail = `${finds.by} broke ${finds.found} of the ${finds.of} examples that gradient attacks could not break (${threat.name})`;
    signs.push({ sign: 'a black-box attack succeeds where white-box ones fail', detail });
  }
  const zero = report.checks.zeroGradient;
  if (zero !== null && zero >= manyZero) {
    signs.push({ sign: 'many gradients are zero', detail: `${percent(zero)} of first gradients are exactly zero` });
  }
  for (const { threatModel, fgsm, iterative } of weakerIterative(report).filter(({ decided }) => decided)) {
    const detail = `one step leaves ${percent(fgsm.value)}, many steps ${percent(iterative.value)} standing (${threatModel})`;
    signs.push({ sign: 'one step beats many', detail });
  }
  for (const { threatModel, accuracy } of failingUnbounded(report).filter(({ decided }) => decided)) {
    const detail = `without any limit ${percent(accuracy.value)} stay right (${threatModel})`;
    signs.push({ sign: 'an unlimited attack fails', detail });
  }
  for (const threat of report.status.state === 'complete' ? report.threatModels : []) {
    const fault = curveFault(report, threat);
    if (fault !== null) signs.push({ sign: 'success does not grow with ε', detail: `${fault.what} (${threat.name})` });
  }
  return signs;
}
