import { describe, expect, it } from 'vitest';
import {
  bytes,
  compact,
  count,
  date,
  duration,
  epsilonLabel,
  fileName,
  interval,
  listed,
  percent,
  plural,
  points,
  quantity,
  significant,
} from '../../../webview/format';

/** Thin and no-break spaces as plain ones, for reading. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('format', () => {
  it('writes numbers with units of their own', () => {
    expect([99.0552, 0.97153, 0.0000123, 0, -12.3456].map(quantity)).toEqual([
      '99.06',
      '0.9715',
      '1.23e−5',
      '0',
      '−12.35',
    ]);
    expect(plain(quantity(-12345.6))).toBe('−12 346');
    expect([listed([]), listed(['a']), listed(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
  });

  it('writes shares and their intervals', () => {
    expect(plain(percent(0.12))).toBe('12.0 %');
    expect(plain(percent(0.125, 0))).toBe('13 %');
    expect(plain(interval({ value: 0.12, low: 0.1014, high: 0.1416, n: 1000 }))).toBe('10.1 to 14.2 %');
    expect(points(-0.282)).toBe('−28.2');
    expect(points(0.01)).toBe('+1.0');
    expect(points(0)).toBe('0.0');
    expect([points(-0.0004), points(0.0004), points(-0.0006)]).toEqual(['0.0', '0.0', '−0.1']);
    expect(plain(interval({ value: 0.0003, low: 0.00004, high: 0.00126, n: 120 }, 2))).toBe('0.00 to 0.13 %');
  });

  it('groups and shortens counts', () => {
    expect(plain(count(1234567))).toBe('1 234 567');
    expect(plain(compact(9999))).toBe('9 999');
    expect(plain(compact(43_900))).toBe('43.9 k');
    expect(plain(compact(3_480_000))).toBe('3.5 M');
    expect(plural(1, 'query', 'queries')).toBe('1 query');
    expect(plain(plural(1200, 'query', 'queries'))).toBe('1 200 queries');
  });

  it('writes times in their two largest units, without ever writing 60', () => {
    expect(plain(duration(7.24))).toBe('7.2 s');
    expect(plain(duration(59.4))).toBe('59 s');
    expect(plain(duration(59.6))).toBe('1 min 0 s');
    expect(plain(duration(252))).toBe('4 min 12 s');
    expect(plain(duration(7265))).toBe('2 h 1 min');
    expect(plain(bytes(431_872))).toBe('431.9 kB');
  });

  it('writes ε as the threat model states it', () => {
    expect(epsilonLabel(2 / 255, '8/255')).toBe('2/255');
    expect(epsilonLabel(0.5 / 255, '8 / 255')).toBe('0.5/255');
    expect(epsilonLabel(0.30000000000000004, '0.3')).toBe('0.3');
    expect(epsilonLabel(0, '8/255')).toBe('0');
    expect(significant(-0.00001)).toBe('−1.00e−5');
  });

  it('reads dates as UTC and leaves alone what is none', () => {
    expect(date('2026-11-20T14:32:05.000Z')).toBe('20 Nov 2026, 14:32 UTC');
    expect(date('yesterday')).toBe('yesterday');
  });

  it('takes the name of a file from either kind of path', () => {
    expect(fileName('models/plain.onnx')).toBe('plain.onnx');
    expect(fileName('C:\\models\\plain.onnx')).toBe('plain.onnx');
  });
});
