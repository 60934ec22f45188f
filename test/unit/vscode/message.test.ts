import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../src/vscode/report/message';
import type { FromWebview } from '../../../src/vscode/report/protocol';

const good: FromWebview[] = [
  { type: 'ready' },
  { type: 'cancel' },
  { type: 'resume' },
  { type: 'openAsText' },
  { type: 'openFile', path: 'models/plain.onnx' },
  { type: 'openRule', rule: 'pitfalls/weak-suite' },
  { type: 'rerun', preset: 'rand' },
  { type: 'mitigate', rule: 'pitfalls/weak-suite', message: 'A first look.' },
  { type: 'export', format: 'csv' },
  { type: 'exportExamples' },
];

describe('messages of the report page', () => {
  it.each(good)('$type passes as it is', (message) => {
    expect(parseMessage(structuredClone(message))).toEqual(message);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a string', 'ready'],
    ['a list', [{ type: 'ready' }]],
    ['no type', { preset: 'quick' }],
    ['an unknown type', { type: 'evaluate', specPath: '/etc/passwd' }],
    ['a type that every object has', { type: 'toString' }],
    ['a prototype', { type: '__proto__' }],
    ['a suite that there is not', { type: 'rerun', preset: 'strongest' }],
    ['a suite that is a list of one', { type: 'rerun', preset: ['quick'] }],
    ['changes of its own', { type: 'mitigate', rule: 'r', message: 'm', changes: { iterations: 1e9 } }],
    ['a mitigation of nothing', { type: 'mitigate', rule: 'pitfalls/weak-suite' }],
    ['an object for a message', { type: 'mitigate', rule: 'r', message: { toString: 'm' } }],
    ['a text without end', { type: 'mitigate', rule: 'r', message: 'm'.repeat(10_001) }],
    ['an empty path', { type: 'openFile', path: '' }],
    ['a format that there is not', { type: 'export', format: 'exe' }],
  ])('%s is refused', (_, value) => {
    expect(parseMessage(value)).toBeNull();
  });

  it('neither throws nor lets through anything else', () => {
    const types = fc.constantFrom(...good.map(({ type }) => type));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.record({ type: types, preset: fc.anything() })), (value) => {
        const parsed = parseMessage(value);
        const preset = (parsed as { preset?: unknown } | null)?.preset;
        expect(preset === undefined || ['quick', 'standard', 'plus', 'rand', 'thorough'].includes(String(preset))).toBe(
          true,
        );
      }),
    );
  });
});
