import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locateInJson } from '../../../src/claim/pointer';
import { reportBase } from '../../fixtures/reportBase';

const at = (json: string, pointer: string) => {
  const span = locateInJson(json, pointer);
  return span === null ? null : json.slice(...span);
};

/** Every pointer into a value, with what it leads to. */
function* pointers(value: unknown, here = ''): Generator<readonly [string, unknown]> {
  yield [here, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* pointers(inner, `${here}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}

describe('the place of a value in JSON', () => {
  it('is found for every pointer into any value, however it is written', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom(0, 1, 2, '\t'),
        fc.boolean(),
        (value, indent, crlf) => {
          const written = JSON.stringify(value, null, indent);
          const json = crlf ? written.replaceAll('\n', '\r\n') : written;
          for (const [pointer, expected] of pointers(JSON.parse(json))) {
            const span = locateInJson(json, pointer);
            expect(span, pointer).not.toBeNull();
            expect(JSON.parse(json.slice(...span!)), pointer).toEqual(expected);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is found in a report', () => {
    const report = reportBase();
    const json = JSON.stringify(report, null, 2);
    const found = at(json, '/threatModels/0/robustAccuracy');
    expect(JSON.parse(found!)).toEqual(report.threatModels[0]!.robustAccuracy);
  });

  it('is nowhere where the pointer leads out of the value', () => {
    const json = '{"a": [1, {"b": null}], "n": 3}';
    expect(at(json, '/a/1/b')).toBe('null');
    for (const pointer of ['/c', '/a/2', '/a/01', '/a/-', '/a/1/b/x', '/n/0', '/a/b'])
      expect(at(json, pointer), pointer).toBeNull();
  });

  it('is nowhere in what is no JSON, and that is found at once', () => {
    for (const json of [
      '',
      '{',
      '{"a"',
      '{"a":',
      '{"a":[',
      '"',
      '{"b": "\\',
      '[[[[',
      ']',
      '{a: 1}',
      '{"\\x": 1, "a": 2}',
    ]) {
      expect(at(json, '/a'), json).toBeNull();
    }
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', ' '), maxLength: 40 }),
        (json) => {
          expect(() => locateInJson(json, '/a/0/a')).not.toThrow();
        },
      ),
      { numRuns: 2000 },
    );
    const started = performance.now();
    for (const hostile of ['['.repeat(1e6), `{"b": "${'\\"'.repeat(5e5)}`, '{"b":'.repeat(2e5), '"'.repeat(1e6)])
      locateInJson(hostile, '/a');
    expect(at(`{"image": "${'A'.repeat(2e7)}", "a": 1}`, '/a')).toBe('1');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('is found before the end is read', () => {
    const json = `{"a": 7, "rest": ${'['.repeat(1e6)}`;
    expect(at(json, '/a')).toBe('7');
  });
});
