import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkDocument } from '../../../../src/claim/check';
import { toEvidence } from '../../../../src/claim/evidence';
import { applyEdits } from '../../../../src/claim/fix/fixes';
import { modelIndexEdit } from '../../../../src/claim/fix/modelIndex';
import { RobustnessError } from '../../../../src/engine/error';
import type { AnyReport } from '../../../../src/engine/report/regression';
import { reportBase } from '../../../fixtures/reportBase';
import { reportOutputs } from '../../../fixtures/reportOutputs';
import { reportRich, reportRunning } from '../../../fixtures/reportRich';

const path = '.robustness/net.robustness.json';
const report = reportBase((one) => {
  one.model.path = 'models/net.onnx';
});

function updated(text: string, from: AnyReport = report): string {
  const edit = modelIndexEdit(text, from, path);
  return edit === null ? text : applyEdits(text, [edit]);
}

const cardOf = (text: string) => parse(/^\ufeff?---\n([\s\S]*?)(?<=\n)---\n/.exec(text.replaceAll('\r', ''))![1]!);

/** A card as people write them: comments, odd quotes and blanks, order of their own. */
const written = `---
# The card of a net
license:   mit   # as the code
language: [en,  de]
datasets:
- cifar10
tags: ["robustness",   'vision']

pipeline_tag: image-classification
model-index:
# our own figures
- name:  net
  results:
  - task: {type: image-classification}   # measured in May
    dataset:
      type:   cifar10
      name: CIFAR-10

    metrics:
      - type: accuracy
        value:  0.91   # top-1
        verified: false
widget:
  - src: "a.png"
---

# Net

The rest --- stays.
`;

describe('model-index', () => {
  it('gets the measured figures with threat model, attacks, number of examples and interval', () => {
    expect(cardOf(updated('---\nlicense: mit\n---\n\n# Net\n'))).toMatchInlineSnapshot(`
      {
        "license": "mit",
        "model-index": [
          {
            "name": "net",
            "results": [
              {
                "dataset": {
                  "args": {
                    "examples": 1000,
                    "path": "data/test.npz",
                  },
                  "name": "Data of this repository",
                  "split": "test",
                  "type": "unknown",
                },
                "metrics": [
                  {
                    "args": {
                      "high": 0.8708,
                      "low": 0.8265,
                      "n": 1000,
                      "report": ".robustness/net.robustness.json",
                      "tool": "robustness-inspector 0.1.0",
                    },
                    "name": "Clean accuracy",
                    "type": "accuracy",
                    "value": 0.85,
                  },
                  {
                    "args": {
                      "attacks": "PGD, APGD-CE, APGD-DLR and the Square Attack",
                      "bound": "upper",
                      "epsilon": "8/255",
                      "goal": "untargeted",
                      "high": 0.511,
                      "knowledge": "white-box",
                      "low": 0.4492,
                      "n": 1000,
                      "norm": "linf",
                      "report": ".robustness/net.robustness.json",
                      "tool": "robustness-inspector 0.1.0",
                    },
                    "name": "Robust accuracy, at most (PGD, APGD-CE, APGD-DLR and the Square Attack, linf ε = 8/255, white-box)",
                    "type": "accuracy",
                    "value": 0.48,
                  },
                ],
                "task": {
                  "name": "Image classification",
                  "type": "image-classification",
                },
              },
            ],
          },
        ],
      }
    `);
    expect(cardOf(updated('# Net\n', reportOutputs()))['model-index'][0].results[0].metrics).toMatchInlineSnapshot(`
      [
        {
          "args": {
            "high": 17.0316,
            "low": 13.2168,
            "n": 60,
            "report": ".robustness/net.robustness.json",
            "tool": "robustness-inspector 0.1.0",
          },
          "name": "Mean absolute error, clean",
          "type": "mae",
          "value": 15.1242,
        },
        {
          "args": {
            "high": 18.3185,
            "low": 15.2005,
            "n": 60,
            "report": ".robustness/net.robustness.json",
            "tool": "robustness-inspector 0.1.0",
          },
          "name": "Root mean squared error, clean",
          "type": "rmse",
          "value": 16.8319,
        },
        {
          "args": {
            "attacks": "PGD, APGD and the Square Attack",
            "bound": "lower",
            "epsilon": "1",
            "goal": "untargeted",
            "high": 67.7959,
            "knowledge": "white-box",
            "low": 59.0902,
            "n": 60,
            "norm": "linf",
            "report": ".robustness/net.robustness.json",
            "tool": "robustness-inspector 0.1.0",
          },
          "name": "Mean absolute error under attack, at least (PGD, APGD and the Square Attack, linf ε = 1, white-box)",
          "type": "mae",
          "value": 63.4431,
        },
        {
          "args": {
            "attacks": "PGD, APGD and the Square Attack",
            "bound": "lower",
            "epsilon": "2",
            "goal": "untargeted",
            "high": 51.6735,
            "knowledge": "white-box",
            "low": 44.7677,
            "n": 60,
            "norm": "l1",
            "report": ".robustness/net.robustness.json",
            "tool": "robustness-inspector 0.1.0",
          },
          "name": "Mean absolute error under attack, at least (PGD, APGD and the Square Attack, l1 ε = 2, white-box)",
          "type": "mae",
          "value": 48.2206,
        },
      ]
    `);
  });

  it('is inserted beside what is there, every byte of which stays', () => {
    const edit = modelIndexEdit(written, report, path)!;
    expect(edit.start).toBe(edit.end);
    const after = updated(written);
    expect(after.slice(0, edit.start)).toBe(written.slice(0, edit.start));
    expect(after.slice(edit.start + edit.newText.length)).toBe(written.slice(edit.end));
    const results = cardOf(after)['model-index'][0].results;
    expect(results).toHaveLength(2);
    expect(results[0]).toEqual(cardOf(written)['model-index'][0].results[0]);
    expect(results[1].dataset.type).toBe('cifar10');
    expect({ ...cardOf(after), 'model-index': 0 }).toEqual({ ...cardOf(written), 'model-index': 0 });
  });

  it('is taken by the linter for what the report shows', () => {
    for (const from of [report, reportRich()]) {
      const text = updated('# Net\n\nA classifier of images.\n', from);
      const claims = checkDocument(text, 'README.md', { reports: [toEvidence(from, path)!] });
      const robust = text.match(/bound: (?:upper|lower)/g)!.length;
      expect(claims.length).toBeGreaterThanOrEqual(robust);
      for (const claim of claims)
        expect(claim, claim.rules[0]?.message).toMatchObject({ verdict: 'supported', rules: [] });
    }
  });

  it('is refreshed in place: the same report changes nothing, another replaces its own entry alone', () => {
    const once = updated(written);
    expect(modelIndexEdit(once, report, path)).toBeNull();
    const later = reportBase((one) => {
      one.model.path = 'models/net.onnx';
      one.clean!.accuracy.value = 0.71;
    });
    const twice = updated(once, later);
    expect(cardOf(twice)['model-index'][0].results).toHaveLength(2);
    expect(cardOf(twice)['model-index'][0].results[1].metrics[0].value).toBe(0.71);
    expect(twice.replace('value: 0.71', 'value: 0.85')).toBe(once);
  });

  it('has an entry for each report, and refreshes that of its own', () => {
    const other = '.robustness/other.robustness.json';
    const once = updated(written);
    const both = applyEdits(once, [modelIndexEdit(once, report, other)!]);
    expect(cardOf(both)['model-index'][0].results).toHaveLength(3);
    expect(modelIndexEdit(both, report, path)).toBeNull();
    expect(modelIndexEdit(both, report, other)).toBeNull();
  });

  it('never says that anything is verified, and takes it back where a person wrote it beside these figures', () => {
    const once = updated(written);
    expect(once.match(/verified/g)).toHaveLength(1);
    const marked = once.replace(/( +)value: 0\.85/, '$1verified: true\n$1value: 0.85');
    expect(marked).not.toBe(once);
    expect(updated(marked)).toBe(once);
  });

  it.each<[string, string]>([
    ['no front matter', '# Net\n'],
    ['no front matter, byte order mark', '\ufeff# Net\r\n'],
    ['an empty document', ''],
    ['empty front matter', '---\n---\n# Net\n'],
    ['a comment alone', '---\n# nothing\n---\n# Net\n'],
    ['no model-index', '---\nlicense: mit # so\n---\n# Net\n'],
    ['no model-index, CRLF', '---\r\nlicense: mit\r\n---\r\n# Net\r\n'],
    ['an empty model-index', '---\nmodel-index:\nlicense: mit\n---\n'],
    ['an empty list', '---\nmodel-index: []\nlicense: mit\n---\n'],
    ['no results', '---\nmodel-index:\n- name: net\nlicense: mit\n---\n'],
    ['empty results', '---\nmodel-index:\n  - name: net\n    results: []\nlicense: mit\n---\n'],
    [
      'results that end the front matter',
      '---\nmodel-index:\n- name: x\n  results:\n  - task:\n      type: t\n    dataset: {type: d, name: d}\n    metrics:\n    - type: a\n      value: 1\n---\n',
    ],
    ['another model', '---\nmodel-index:\n- name: a\n  results: []\n- name: b\n  results: []\n---\n'],
    [
      'a text of several lines at the end',
      '---\nmodel-index:\n- name: net\n  results:\n  - task: {type: t}\n    note: |\n      one\n      two\n---\n',
    ],
    [
      'dashes within',
      '---\nmodel-index:\n- name: net - a\n  results:\n  -   task: {type: t-a}\n      metrics: []\n---\n',
    ],
  ])('is put into a card with %s', (_, text) => {
    const once = updated(text);
    const before = /^\ufeff?---/.test(text) ? cardOf(text) : null;
    const card = cardOf(once);
    const mine = card['model-index']
      .flatMap((entry: { results: unknown[] }) => entry.results)
      .filter((one: unknown) => JSON.stringify(one).includes('robustness-inspector'));
    expect(mine).toHaveLength(1);
    expect({ ...card, 'model-index': 0 }).toEqual({ ...before, 'model-index': 0 });
    expect(modelIndexEdit(once, report, path)).toBeNull();
    // The body is as it was.
    const body = (whole: string) => whole.replace(/^\ufeff?---\r?\n[\s\S]*?(?<=\n)---\r?\n(\r?\n)?/, '');
    expect(body(once)).toBe(body(text).replace('\ufeff', ''));
    expect(once.startsWith('\ufeff')).toBe(text.startsWith('\ufeff'));
    if (text.includes('\r\n')) expect(once.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it.each<[string, string, string]>([
    ['broken YAML', '---\na: [\n---\n', 'claim/front-matter'],
    ['a list', '---\n- a\n---\n', 'claim/front-matter'],
    ['two keys of one name', '---\na: 1\na: 2\n---\n', 'claim/front-matter'],
    [
      'results in one line',
      '---\nmodel-index:\n- name: net\n  results: [{task: {type: t}}]\n---\n',
      'claim/model-index-style',
    ],
    ['all in one line', '---\n{license: mit}\n---\n', 'claim/model-index-style'],
    ['a text', '---\nmodel-index: none\n---\n', 'claim/model-index-style'],
  ])('is not put into a card with %s', (_, text, code) => {
    expect(() => updated(text)).toThrowError(expect.objectContaining({ code }));
  });

  it('is not made of an evaluation that has not ended', () => {
    expect(() => updated('# Net\n', reportRunning())).toThrowError(
      expect.objectContaining({ code: 'claim/block-incomplete' }),
    );
  });

  it('keeps all that any card says, or says why it cannot', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const key = fc.stringMatching(/^[a-z][a-z_-]{0,6}$/).filter((name) => name !== '__proto__');
    const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(key, leaf, { maxKeys: 3 }));
    const result = fc.dictionary(key, value, { maxKeys: 3 });
    const card = fc.tuple(
      fc.dictionary(key, value, { maxKeys: 4 }),
      fc.option(
        fc.array(fc.record({ name: fc.constantFrom('net', 'a', 'b'), results: fc.array(result, { maxLength: 3 }) }), {
          maxLength: 3,
        }),
      ),
      fc.constantFrom({}, { indentSeq: false }, { collectionStyle: 'flow' as const }),
    );
    let done = 0;
    fc.assert(
      fc.property(card, ([rest, models, options]) => {
        const data = models === null ? rest : { ...rest, 'model-index': models };
        const text = `---\n${stringify(data, options)}---\nBody\n`;
        try {
          const once = updated(text, reportRich());
          const after = cardOf(once);
          done++;
          expect({ ...after, 'model-index': 0 }).toEqual({ ...rest, 'model-index': 0 });
          const kept = (models ?? []).flatMap(({ results }) => results).map((one) => JSON.stringify(one));
          const now = after['model-index']
            .flatMap((one: { results: unknown[] | null }) => one.results ?? [])
            .map((one: unknown) => JSON.stringify(one));
          expect(now).toEqual(expect.arrayContaining(kept));
          expect(now).toHaveLength(kept.length + 1);
          expect(updated(once, reportRich())).toBe(once);
        } catch (error) {
          if (!RobustnessError.is(error, 'claim/')) throw error;
        }
      }),
      { numRuns: 100 },
    );
    expect(done).toBeGreaterThan(40);
  });
});
