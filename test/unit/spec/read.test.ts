import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../src/engine/error';
import { namedModels, parseSpec, readSpec } from '../../../src/engine/spec/read';
import type { Spec } from '../../../src/engine/spec/schema';
import { editDistance, nearest } from '../../../src/engine/spec/suggest';
import { renderSpec, writeSpec } from '../../../src/engine/spec/write';

const folder = mkdtempSync(join(tmpdir(), 'robustness-spec-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const minimal = 'model: m.onnx\ndata: {test: {path: d.npz}}\n';

const full: Spec = {
  model: 'models/plain.onnx',
  task: 'classification',
  data: {
    test: { path: 'data/test.npz', inputs: 'x', labels: 'y', limit: 1000 },
    range: [0, 255],
    unit: 255,
    classes: ['airplane', 'automobile'],
  },
  preprocess: { mean: [0.4914, 0.4822, 0.4465], std: 0.25, layout: 'nchw', resize: [32, 32] },
  threatModels: [{ name: 'linf-8', norm: 'linf', epsilon: '8/255', suite: 'standard' }],
  corruptions: { set: 'common', severities: [1, 3, 5] },
  gates: ['clean.accuracy >= 0.90'],
  claims: { include: ['README.md'] },
  context: 'security-critical',
  seed: 0,
};

function failure(text: string): RobustnessError {
  try {
    parseSpec(text, 'robustness.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(RobustnessError);
    return error as RobustnessError;
  }
  throw new Error('The spec was accepted.');
}

describe('reading a spec', () => {
  it('reads YAML and JSON alike', () => {
    expect(parseSpec(renderSpec(full), 'a')).toEqual(full);
    expect(parseSpec(JSON.stringify({ $schema: 'x', ...full }, null, '\t'), 'a')).toEqual(full);
    expect(parseSpec(`${minimal}corruptions: false\n`, 'a').corruptions).toBe(false);
  });

  it.each([
    ['thretModels: []', 3, 'thretModels', 'threatModels'],
    ['preprocess:\n  mean: 0\n  sdt: 1', 5, 'preprocess.sdt', 'std'],
    ['threatModels:\n  - name: a\n    norm: linf\n    epsilonn: 8/255', 6, 'threatModels[0].epsilonn', 'epsilon'],
    ['corruptions:\n  severity: [1]', 4, 'corruptions.severity', 'severities'],
    ['modle: x', 3, 'modle', 'model'],
  ])('refuses an unknown key with its line and the one that was meant: %s', (text, line, key, meant) => {
    const error = failure(minimal + text);
    expect(error.code).toBe('spec/unknown-key');
    expect(error.message).toContain(`line ${line}`);
    expect(error.message).toContain(`\`${key}\``);
    expect(error.hint).toContain(`\`${meant}\``);
  });

  it('lists the settings when nothing is near', () => {
    expect(failure(`${minimal}zzzzzzzzz: 1`).hint).toContain('threatModels');
  });

  it.each([
    ['seed: -1', 'spec/invalid', /line 3.*`seed`/],
    ['threatModels: [{name: a, norm: linf, epsilon: eight}]', 'spec/invalid', /threatModels\[0\]\.epsilon.*fraction/],
    ['threatModels:\n  - {name: a, norm: linf}', 'spec/invalid', /line 4.*epsilon.*missing/],
    ['threatModels: [{name: a, norm: max, epsilon: 1}]', 'spec/invalid', /norm/],
    ['threatModels: [{name: a, norm: linf, epsilon: 8/0}]', 'spec/fraction', /8\/0/],
    [
      'threatModels: [{name: a, norm: linf, epsilon: 1}, {name: a, norm: l2, epsilon: 1}]',
      'spec/duplicate-name',
      /“a”/,
    ],
    ['models: [n.onnx]', 'spec/model', /both/],
    ['seed: [', 'spec/syntax', /line \d/],
    ['model: again.onnx', 'spec/syntax', /line 3/],
    ['seed: *nowhere', 'spec/syntax', /./],
  ])('refuses %s', (text, code, message) => {
    const error = failure(minimal + text);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).not.toBe('');
  });

  it('refuses a spec without a model, without data, and what is no mapping', () => {
    expect(failure('data: {test: {path: d}}').code).toBe('spec/model');
    expect(failure('model: m.onnx').message).toMatch(/data/);
    for (const text of ['', '[]', '7', 'null', '"text"']) expect(failure(text).code).toBe('spec/invalid');
  });

  it('refuses alias bombs and oversized files', async () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
    expect(failure(`l0: &l0 [x, x]\n${levels.join('\n')}\n`).code).toBe('spec/syntax');
    const path = join(folder, 'large.yaml');
    writeFileSync(path, `${minimal}# ${'x'.repeat(2 ** 20)}`);
    await expect(readSpec(path)).rejects.toMatchObject({ code: 'spec/too-large' });
    await expect(readSpec(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'spec/not-found' });
    await expect(readSpec(folder)).rejects.toMatchObject({ code: 'spec/not-found' });
    expect(await namedModels(join(folder, 'none.yaml'))).toEqual([]);
  });

  it('gives a typed error for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(failure(text).code).toMatch(/^spec\//);
      }),
    );
  });
});

describe('writing a spec', () => {
  it('writes comments and what is read back the same, and does not overwrite silently', async () => {
    const path = join(folder, 'robustness.yaml');
    await writeSpec(path, full);
    expect(await readSpec(path)).toEqual(full);
    await expect(writeSpec(path, { ...full, seed: 1 })).rejects.toMatchObject({ code: 'spec/exists' });
    expect((await readSpec(path)).seed).toBe(0);
    await writeSpec(path, { ...full, seed: 1 }, { overwrite: true });
    expect((await readSpec(path)).seed).toBe(1);
    await expect(writeSpec(join(folder, 'no/such/folder.yaml'), full)).rejects.toMatchObject({
      code: 'spec/not-written',
    });
  });

  it('is readable', () => {
    expect(renderSpec(full)).toMatchInlineSnapshot(`
      "# Evaluation spec of Robustness Inspector. Unknown keys are errors.

      # The model to evaluate, relative to this file.
      model: models/plain.onnx
      task: classification

      # Examples that the model has not seen. Stored values are divided by \`unit\`; ε below is in the result.
      data:
        test:
          path: data/test.npz
          inputs: x
          labels: y
          limit: 1000
        range: [0, 255]
        unit: 255
        classes: [airplane, automobile]

      # What the model wants: (x - mean) / std a channel, after the division by \`unit\`.
      preprocess:
        mean: [0.4914, 0.4822, 0.4465]
        std: 0.25
        layout: nchw
        resize: [32, 32]

      # What an attacker may do. A robustness figure means nothing without it.
      threatModels:
        - name: linf-8
          norm: linf
          epsilon: 8/255
          suite: standard

      # Common corruptions, as they happen without an attacker.
      corruptions:
        set: common
        severities: [1, 3, 5]

      # Thresholds that fail a run, such as "clean.accuracy >= 0.9" or "robustAccuracy(linf-8) >= 0.4".
      gates: [clean.accuracy >= 0.90]

      # Where sentences that claim robustness are looked for.
      claims:
        include: [README.md]

      # How average and worst case are weighed.
      context: security-critical

      # The same seed gives the same report.
      seed: 0
      "
    `);
  });
});

describe('edit distance', () => {
  it('is a distance, and counts a swap once', () => {
    expect(editDistance('std', 'sdt')).toBe(1);
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
    expect(nearest('epsilonn', ['norm', 'epsilon'])).toBe('epsilon');
    expect(nearest('zzz', ['norm', 'epsilon'])).toBeNull();
  });
});
