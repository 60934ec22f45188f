import { describe, expect, it } from 'vitest';
import { groupOutputCorruptions, harm } from '../../../src/engine/report/outputCorruptionSections';
import type { OutputCorruptionRow } from '../../../src/engine/report/outputCorruptions';
import { residualSvg } from '../../../src/engine/report/residualSvg';
import { bandOf, residualBands } from '../../../src/engine/report/residuals';
import type { Figure } from '../../../src/engine/report/schema';
import { waveformOf } from '../../../src/engine/report/waveform';
import { sparkline, waveformSvg } from '../../../src/engine/report/waveformSvg';
import { groupRows } from '../../../webview/output/corruptions';
import { bandsOf, residualsOf } from '../../../webview/output/residuals';

const figure = (value: number): Figure => ({ value, low: value, high: value, n: 10 });
const row = (name: string, severity: number, mae: number | null): OutputCorruptionRow => ({
  name,
  title: name.toUpperCase(),
  severity,
  parameter: '',
  mae: mae === null ? null : figure(mae),
  rmse: null,
  ratio: mae === null ? null : figure(mae / 2),
  meanChange: null,
  withinTolerance: null,
});

describe('corruptions of numbers', () => {
  const rows = [row('mild', 3, 3), row('mild', 1, 1), row('bad', 1, 8), row('mute', 1, null), row('bad', 5, null)];

  it('stand by their mean error, what has none first, in the page as in the file', () => {
    const page = groupRows(rows);
    expect(page.map(({ title, mean }) => [title, mean])).toEqual([
      ['MUTE', null],
      ['BAD', 8],
      ['MILD', 2],
    ]);
    expect(page[2]!.rows.map(({ severity }) => severity)).toEqual([1, 3]);
    const file = groupOutputCorruptions(rows);
    expect(file.map(({ title, mae, ratio }) => [title, mae, ratio])).toEqual([
      ['MUTE', null, null],
      ['BAD', 8, 4],
      ['MILD', 2, 1],
    ]);
  });

  it('are the redder, the more often the clean error they make', () => {
    expect([harm(null), harm(0.5), harm(1), harm(2), harm(3), harm(90)]).toEqual([null, 0, 0, 0.5, 1, 1]);
  });
});

describe('residuals', () => {
  // Predicts too little by 1, and from the middle on too much by a growing amount.
  const prediction = Array.from({ length: 50 }, (_, i) => [(i * 7) % 50]);
  const target = prediction.map(([p]) => [p! < 25 ? p! + 1 : p! - (p! - 20)]);
  const report = { outcomes: { prediction, target, reached: {} } };

  it('fall into bands of equal counts along the prediction, in the page as in the file', () => {
    const sorted = residualsOf(report, 0);
    expect(sorted.every(({ prediction: p }, i) => p === i)).toBe(true);
    const page = bandsOf(sorted);
    expect(page.map(({ n, from, to }) => [n, from, to])).toEqual([
      [10, 0, 9],
      [10, 10, 19],
      [10, 20, 29],
      [10, 30, 39],
      [10, 40, 49],
    ]);
    expect(page[0]).toMatchObject({ bias: 1, spread: 0 });
    expect(page[4]!.bias).toBeCloseTo(-24.5, 9);
    expect(page[4]!.spread).toBeCloseTo(Math.sqrt(99 / 12), 9);
    const file = residualBands(sorted);
    expect(file.map(({ bias, spread }) => [bias, spread])).toEqual(page.map(({ bias, spread }) => [bias, spread]));
    expect(file[4]).toMatchObject({ mae: expect.closeTo(24.5, 9), largest: 29 });
    expect(bandOf(sorted).n).toBe(50);
    expect(residualBands([])).toEqual([]);
  });

  it('are drawn within the picture, a sample of very many', () => {
    const many = Array.from({ length: 9000 }, (_, i) => ({
      prediction: i,
      residual: i === 4000 ? -50 : 50 * Math.sin(i),
    }));
    const picture = residualSvg(many, 20);
    const points = [...picture.matchAll(/<circle class="dot" cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    expect(points).toHaveLength(1500);
    expect(points.every(([x, y]) => x! >= 58 && x! <= 468 && y! >= 12 && y! <= 238)).toBe(true);
    expect(picture.match(/class="mark"/g)).toHaveLength(2);
    expect(residualSvg([{ prediction: 1, residual: 0 }], null)).not.toContain('NaN');
  });
});

describe('signals', () => {
  it('are drawn as areas where frames share a place, as lines elsewhere, and in letters', () => {
    const ramp = Float32Array.from({ length: 1000 }, (_, t) => t);
    const wave = waveformOf(
      ramp,
      ramp.map((value) => value + 5),
      [1, 1000],
      1000,
    );
    const picture = waveformSvg(wave);
    expect(picture).not.toContain('NaN');
    expect(picture.match(/Z"/g)).toHaveLength(2);
    expect(picture).toContain('1 s');
    expect(picture).toContain('dB below the signal');
    const short = waveformSvg(waveformOf(ramp.slice(0, 20), ramp.slice(0, 20), [1, 20], undefined));
    expect(short).not.toContain('Z"');
    expect(short).toContain('20 frames');
    expect(sparkline(wave.original, 8)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline({ low: [1, 1], high: [1, 1] })).toBe('▁▁');
  });
});
