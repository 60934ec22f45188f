import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMarkdown } from '../../../src/claim/document/markdown';
import type { EvidenceReport } from '../../../src/claim/evidence';
import { extractFacts } from '../../../src/claim/extract';
import { judge } from '../../../src/claim/judge/judge';
import { voidedBy, voidingRules } from '../../../src/claim/judge/void';
import type { ClaimKind } from '../../../src/claim/types';
import { pitfallRules } from '../../../src/engine/pitfall/registry';
import { figure, index, ran, report, threat } from './evidence';

/** Judged as it is, without asking whether it is a claim. */
function judged(text: string, evidence: EvidenceReport, kind: ClaimKind = 'adversarial') {
  const [sentence] = parseMarkdown(text).sentences;
  const facts = extractFacts(sentence!.plain);
  return judge({ sentence: sentence!, kind, facts, nearby: facts, path: 'README.md' }, index(evidence));
}

const epsilons = [0.02, 0.05, 0.1, 0.2, 0.3];
const norms = ['linf', 'l2', 'l1'] as const;

/** A model whose accuracy falls as ε grows. */
const models = fc
  .record({
    n: fc.constantFrom(200, 1000, 10_000),
    norm: fc.constantFrom(...norms),
    falls: fc.array(fc.double({ min: 0, max: 0.25, noNaN: true }), { minLength: 5, maxLength: 5 }),
    own: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ n, norm, falls, own }) => {
    let left = 0.95;
    const curve = epsilons.map((epsilon, i) => {
      left = Math.max(0, left - falls[i]!);
      return { epsilon, accuracy: figure(left, n) };
    });
    const { epsilon, accuracy } = curve[own]!;
    return {
      norm,
      epsilon,
      accuracy,
      evidence: report({
        count: n,
        clean: figure(0.95, n),
        threatModels: [threat({ norm, epsilon, robustAccuracy: accuracy, curve, attacks: [ran('pgd', accuracy, 40)] })],
      }),
    };
  });

const shares = fc.integer({ min: 0, max: 1000 }).map((thousandth) => (thousandth / 10).toFixed(1));
const words = fc.constantFrom('', 'at least ', 'over ', 'up to ', 'at most ');
const claim = (share: string, norm: string, epsilon: number, bound = '') =>
  `The network keeps ${bound}${share} % robust accuracy under ${norm} attacks with ε = ${epsilon}.`;

describe('laws of verdicts', () => {
  it('a figure that moves away from the measured one does not get better', () => {
    const order = ['supported', 'unsupported', 'contradicted'];
    fc.assert(
      fc.property(models, shares, shares, (model, a, b) => {
        const far = (share: string) => Math.abs(Number(share) / 100 - model.accuracy.value);
        const sameSide = (Number(a) / 100 - model.accuracy.value) * (Number(b) / 100 - model.accuracy.value) >= 0;
        fc.pre(sameSide);
        const [near, away] = far(a) <= far(b) ? [a, b] : [b, a];
        const of = (share: string) =>
          order.indexOf(judged(claim(share, model.norm, model.epsilon), model.evidence).verdict);
        expect(of(away)).toBeGreaterThanOrEqual(of(near));
      }),
      { numRuns: 150 },
    );
  });

  it('a figure inside of the interval is supported, one beyond it and its rounding is contradicted', () => {
    fc.assert(
      fc.property(models, shares, (model, share) => {
        const { low, high } = model.accuracy;
        const value = Number(share) / 100;
        const { verdict } = judged(claim(share, model.norm, model.epsilon), model.evidence);
        if (value >= low && value <= high) expect(verdict).toBe('supported');
        else if (value < low - 0.0006 || value > high + 0.0006) expect(verdict).toBe('contradicted');
      }),
      { numRuns: 150 },
    );
  });

  it('a norm that was not measured and an ε beyond the largest are never supported', () => {
    fc.assert(
      fc.property(
        models,
        shares,
        words,
        fc.double({ min: 1.05, max: 3, noNaN: true }),
        fc.constantFrom(...norms),
        (model, share, bound, factor, norm) => {
          const beyond = Number((0.3 * factor).toPrecision(3));
          expect(judged(claim(share, model.norm, beyond, bound), model.evidence).verdict).toBe('overreaching');
          if (norm !== model.norm)
            expect(judged(claim(share, norm, model.epsilon, bound), model.evidence).verdict).toBe('overreaching');
        },
      ),
      { numRuns: 120 },
    );
  });

  it('what is claimed at a larger ε is claimed at a smaller: support is not lost on the way down', () => {
    fc.assert(
      fc.property(models, shares, (model, share) => {
        const at = (epsilon: number) => judged(claim(share, model.norm, epsilon, 'at least '), model.evidence).verdict;
        const supported = epsilons.map((epsilon) => at(epsilon) === 'supported');
        for (let i = 1; i < supported.length; i++) if (supported[i]) expect(supported[i - 1]).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('a lower bound that holds is no worse when lowered, an upper bound when raised', () => {
    fc.assert(
      fc.property(models, shares, shares, (model, a, b) => {
        const [low, high] = Number(a) <= Number(b) ? [a, b] : [b, a];
        const of = (share: string, bound: string) =>
          judged(claim(share, model.norm, model.epsilon, bound), model.evidence).verdict;
        if (of(high, 'at least ') === 'supported') expect(of(low, 'at least ')).toBe('supported');
        if (of(low, 'at most ') === 'supported') expect(of(high, 'at most ')).toBe('supported');
      }),
      { numRuns: 120 },
    );
  });

  it('nothing is supported by a voided figure or by data that changed', () => {
    fc.assert(
      fc.property(models, shares, words, fc.constantFrom(...voidingRules), (model, share, bound, rule) => {
        const text = claim(share, model.norm, model.epsilon, bound);
        const pitfalls = [{ rule, severity: 'error', message: 'The figure does not hold.' }];
        expect(judged(text, { ...model.evidence, pitfalls }).verdict).toBe('contradicted');
        expect(
          judged(text, { ...model.evidence, stale: true, changed: [{ what: 'data', words: 'the data changed' }] })
            .verdict,
        ).toBe('stale');
      }),
      { numRuns: 120 },
    );
  });

  it('a correction makes the sentence agree with the report', () => {
    fc.assert(
      fc.property(models, fc.integer({ min: 0, max: 100 }), words, fc.boolean(), (model, whole, bound, percent) => {
        const written = percent ? `${whole} %` : (whole / 100).toFixed(2);
        const text = `The network keeps ${bound}${written} robust accuracy under ${model.norm} attacks with ε = ${model.epsilon}.`;
        const { verdict, evidence } = judged(text, model.evidence);
        fc.pre(verdict === 'contradicted');
        const [correction] = evidence!.corrections;
        expect(text.slice(correction!.start, correction!.end)).toBe(written);
        const corrected = text.slice(0, correction!.start) + correction!.replacement + text.slice(correction!.end);
        expect(judged(corrected, model.evidence).verdict).toBe('supported');
      }),
      { numRuns: 120 },
    );
  });
});

describe('pitfalls that void a figure', () => {
  it('are rules of the registry', () => {
    const known = pitfallRules.map(({ name }) => `pitfalls/${name}`);
    for (const rule of voidingRules) expect(known).toContain(rule);
  });

  it('are all that can be of severity error, but for a clean figure that is missing', () => {
    // Their own severity, or that of a finding: `unbalanced-test-set` is an error where one class is all there is.
    const grave = pitfallRules.filter(({ severity }) => severity === 'error').map(({ name }) => `pitfalls/${name}`);
    const left = grave.filter((rule) => !voidingRules.has(rule));
    expect(left).toEqual(['pitfalls/no-clean-accuracy']);
  });

  it('void nothing as a warning, nor another threat model than the one they name', () => {
    const message = 'Under linf-0.3 one gradient step leaves less standing than many.';
    const rule = 'pitfalls/iterative-weaker-than-single-step';
    const two = report({
      threatModels: [threat({ norm: 'linf', epsilon: 0.1 }), threat({ norm: 'linf', epsilon: 0.3 })],
      pitfalls: [{ rule, severity: 'error', message }],
    });
    expect(voidedBy(two, 'robust', 'linf-0.3')).not.toBeNull();
    expect(voidedBy(two, 'robust', 'linf-0.1')).toBeNull();
    expect(voidedBy(two, 'clean')).toBeNull();
    expect(voidedBy({ ...two, pitfalls: [{ rule, severity: 'warning', message }] }, 'robust', 'linf-0.3')).toBeNull();
  });
});
