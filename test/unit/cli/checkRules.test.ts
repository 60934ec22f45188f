import { accessSync, constants, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { documentFormats } from '../../../src/claim/document/registry';
import type { Claim } from '../../../src/claim/types';
import { parseArguments } from '../../../src/cli/command';
import { checkCommand } from '../../../src/cli/command/check';
import { fromHere, rulesOf } from '../../../src/cli/command/checkRules';
import { RobustnessError } from '../../../src/engine/error';

const root = new URL('../../../', import.meta.url);
const rules = (...argv: string[]) => rulesOf(parseArguments(checkCommand, ['README.md', ...argv]));
const wrong = (...argv: string[]): RobustnessError => {
  try {
    rules(...argv);
  } catch (error) {
    if (error instanceof RobustnessError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

describe('--rule', () => {
  it('sets severities, by name with the prefix or without, the last one counting', () => {
    expect(rules()).toEqual({});
    expect(rules('--rule', 'claims/stale=error', '--rule', 'no-tradeoff=off', '--rule', 'stale=info')).toEqual({
      'claims/stale': 'info',
      'claims/no-tradeoff': 'off',
    });
  });

  it('says what is wrong, and what was meant', () => {
    expect(wrong('--rule', 'claims/no-treat-model=off')).toMatchObject({
      code: 'usage/rule',
      hint: 'Did you mean "claims/no-threat-model"?',
    });
    expect(wrong('--rule', 'claims/stale').hint).toContain('claims/no-tradeoff=off');
    expect(wrong('--rule', '=off').code).toBe('usage/rule');
    expect(wrong('--rule', 'stale=fatal').hint).toBe('Give one of error, warning, info, off.');
  });
});

describe('a claim as it is printed', () => {
  const claim: Claim = {
    path: 'docs/card.md',
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 9,
    text: 'A claim.',
    kind: 'general',
    verdict: 'supported',
    rules: [],
    evidence: {
      report: '.robustness/net.robustness.json',
      model: 'net.onnx',
      figures: [],
      stale: false,
      pointer: null,
      corrections: [],
    },
    suppressed: null,
  };

  it('has paths that can be opened from where the command ran', () => {
    const seen = fromHere(claim, '/repo', '/repo/docs');
    expect(seen.path).toBe('card.md');
    expect(seen.evidence!.report).toBe('../.robustness/net.robustness.json');
    expect(fromHere(claim, '/repo', '/repo')).toEqual(claim);
    expect(fromHere({ ...claim, evidence: null }, '/repo', '/').evidence).toBeNull();
  });
});

describe('the hook for pre-commit', () => {
  const [hook] = parse(readFileSync(new URL('.pre-commit-hooks.yaml', root), 'utf8'));

  it('calls a script that is there and can be run', () => {
    expect(() => accessSync(new URL(hook.entry, root), constants.X_OK)).not.toThrow();
  });

  it('is called for every document that is checked by default, and passes arguments that the command takes', () => {
    const files = new RegExp(hook.files);
    const names = documentFormats
      .filter(({ byDefault }) => byDefault)
      .flatMap(({ endings }) => endings)
      .map((ending) => (ending.startsWith('.') ? `docs/a${ending}` : ending));
    expect(names.length).toBeGreaterThan(8);
    expect(names.filter((name) => !files.test(name) && !files.test(name.toUpperCase()))).toEqual([]);
    expect(files.test('src/main.ts')).toBe(false);
    expect(() => parseArguments(checkCommand, [...hook.args, 'README.md'])).not.toThrow();
  });
});
