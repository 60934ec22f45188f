import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../src/engine/data/open';
import { evaluate } from '../../../src/engine/evaluate/evaluate';
import { renderCsv } from '../../../src/engine/report/csv';
import { renderHtml } from '../../../src/engine/report/html';
import { renderMarkdown } from '../../../src/engine/report/markdown';
import type { Report } from '../../../src/engine/report/schema';
import { readReport } from '../../../src/engine/report/store';
import { signalToNoiseOf, signalToPerturbation, waveformOf } from '../../../src/engine/report/waveform';
import { seriesCorruptionNames } from '../../../src/engine/spec/corruptions';
import { resolveSpec } from '../../../src/engine/spec/resolve';

let folder: string;
let report: Report;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'series-'));
  await cp('samples/motors/models', join(folder, 'models'), { recursive: true });
  await cp('samples/motors/data', join(folder, 'data'), { recursive: true });
  const specPath = join(folder, 'robustness.json');
  const threat = { knowledge: 'white-box', suite: 'quick', iterations: 5, attacks: ['fgsm', 'pgd'] };
  const spec = {
    model: 'models/fault.onnx',
    data: { test: { path: 'data/test.npz', sampleRate: 1000, limit: 8 }, range: [-8, 8] },
    threatModels: [
      { name: 'linf', norm: 'linf', epsilon: 0.1, ...threat },
      { name: 'l2', norm: 'l2', epsilon: 2, ...threat },
      { name: 'l1', norm: 'l1', epsilon: 20, suite: 'quick', attacks: ['apgd-ce'], iterations: 5 },
      { name: 'l0', norm: 'l0', epsilon: 60, suite: 'quick', attacks: ['sigma-zero'], iterations: 10 },
    ],
    corruptions: { only: ['white_noise', 'dead_channel', 'time_shift'], severities: [1, 5] },
  };
  await writeFile(specPath, JSON.stringify(spec));
  const { reportPaths } = await evaluate({ specPath, threads: 1 });
  report = await readReport(reportPaths[0]!);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

describe('a classifier of time series', () => {
  it('is known by its convolutions, and gets its data as it takes them', () => {
    expect(report.data).toMatchObject({ kind: 'series', shape: [2, 192], sampleRate: 1000, unit: 1 });
    expect(report.clean!.accuracy.value).toBeGreaterThan(0.9);
    expect(report.inferred.join()).toContain('examples are time series, since the model runs a Conv along them');
    expect(report.inferred.join()).toContain('2 channels and 192 frames (ct)');
    expect(report.spec).toMatchObject({ preprocess: { layout: 'nct' } });
  });

  it('is attacked in every norm, within bounds that no unit of pictures bends', () => {
    for (const threat of report.threatModels) {
      expect(threat.robustAccuracy!.value).toBeLessThanOrEqual(report.clean!.accuracy.value);
      expect(threat.attacks.every(({ refused }) => refused === 0)).toBe(true);
    }
    expect(report.threatModels.map(({ robustAccuracy }) => robustAccuracy!.value < 1)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(report.threatModels[3]).toMatchObject({ counts: 'values' });
    const rules = report.pitfalls.map(({ rule }) => rule);
    expect(rules).not.toContain('pitfalls/epsilon-out-of-scale');
  });

  it('shows its signals before and after, and how loud the perturbations are', async () => {
    const items = report.gallery.filter(({ threatModel }) => threatModel === 'linf');
    expect(items.length).toBeGreaterThan(0);
    const dataset = await openDataset({ path: join(folder, 'data/test.npz'), kind: 'series', layout: 'ct' }, '/');
    for (const { index, image, values, waveform, distance } of items) {
      expect([image, values]).toEqual([null, null]);
      expect(waveform).toMatchObject({ channels: 2, frames: 192, sampleRate: 1000 });
      expect(waveform!.original.low).toHaveLength(160);
      const most = Math.max(...waveform!.difference.high.map(Math.abs), ...waveform!.difference.low.map(Math.abs));
      expect(most).toBeCloseTo(distance, 3);
      for await (const { x } of dataset.batches(1, { start: index, end: index + 1 })) {
        // Every value was changed by ε at most, so the perturbation is no louder than that.
        const power = [0, 1].map((c) => {
          const channel = [...x.subarray(c * 192, (c + 1) * 192)];
          const mean = channel.reduce((sum, value) => sum + value, 0) / 192;
          return channel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 192;
        });
        const quietest = 10 * Math.log10((power[0]! + power[1]!) / 2 / 0.1 ** 2);
        expect(waveform!.snr!).toBeGreaterThanOrEqual(quietest - 0.01);
      }
    }
    await dataset.close();
    const { signalToNoise, attacks } = report.threatModels[0]!;
    expect(signalToNoise!.n).toBe(attacks.reduce((sum, { broken }) => sum + broken, 0));
    expect(signalToNoise!.lowest).toBeLessThanOrEqual(signalToNoise!.median);
    expect(signalToNoise!.highest).toBeGreaterThanOrEqual(signalToNoise!.median);

    const markdown = renderMarkdown(report);
    expect(markdown).toContain('## Signals before and after');
    expect(markdown).toContain(`${signalToNoise!.median.toFixed(1)} dB below the signal`);
    expect(markdown).toContain('| White noise | 20 dB signal to noise | 0 dB signal to noise |');
    expect(renderHtml(report)).toContain('<svg class="waveform"');
    expect(renderCsv(report)).toContain('corruption,,white_noise,5,,accuracy,');
  });

  it('is measured under its own corruptions', () => {
    const rows = report.corruptions!.byCorruption;
    expect(rows.map(({ name, severity }) => `${name} ${severity}`)).toEqual([
      'white_noise 1',
      'white_noise 5',
      'dead_channel 1',
      'dead_channel 5',
      'time_shift 1',
      'time_shift 5',
    ]);
    expect(rows[1]!.accuracy.value).toBeLessThanOrEqual(rows[0]!.accuracy.value);
    expect(rows[0]!.accuracy.value).toBe(report.clean!.accuracy.value);
    // One of two channels is dead at every severity.
    expect(rows[3]!.parameter).toBe('50 % of the channels');
  });

  it('has these corruptions without being asked, and others are left out by name', async () => {
    const spec = { model: 'm.onnx', data: { test: { path: 'd.npz' } } };
    const data = { kind: 'series', shape: [2, 9], unit: 1, storedRange: null, classes: null, inferred: [] } as const;
    const resolved = resolveSpec(spec, null, {}, { data });
    expect(resolved.corruptions).toEqual({ names: seriesCorruptionNames, severities: [1, 3, 5] });
    expect(resolved.preprocess.layout).toBe('nct');
    expect(resolveSpec({ ...spec, task: 'regression' }, null, {}, { data }).corruptions).not.toBeNull();
    expect(resolveSpec(spec, null, {}, { data: { ...data, kind: 'vector', shape: [9] } }).corruptions).toBeNull();
    expect(() => resolveSpec({ ...spec, preprocess: { mean: [1, 2, 3] } }, null, {}, { data })).toThrow(/2 channels/);
  });
});

describe('signal over perturbation', () => {
  const tone = Float32Array.from({ length: 400 }, (_, t) => Math.sin((2 * Math.PI * 5 * t) / 400));

  it('is the ratio of powers in dB, whatever value the sensor rests at', () => {
    const tenth = tone.map((value) => value * 1.1);
    expect(signalToPerturbation(tone, tenth, 1)).toBeCloseTo(20, 4);
    const raised = tone.map((value) => value + 10);
    const changed = raised.map((value, t) => value + 0.1 * tone[t]!);
    expect(signalToPerturbation(raised, changed, 1)).toBeCloseTo(20, 3);
    expect(signalToPerturbation(tone, tone, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(waveformOf(tone, tone, [1, 400], undefined).snr).toBeNull();
  });

  it('of several examples is their median, without those that have none', () => {
    expect(signalToNoiseOf([3, Number.POSITIVE_INFINITY, 1, 10, 2])).toEqual({
      n: 4,
      lowest: 1,
      median: 2.5,
      highest: 10,
    });
    expect(signalToNoiseOf([Number.NaN])).toBeNull();
  });

  it('comes with the channel that changed most', () => {
    const two = Float32Array.from([...tone, ...tone]);
    const after = two.map((value, i) => value + (i >= 400 ? 0.5 : 0.1));
    const wave = waveformOf(two, after, [2, 400], 100);
    expect(wave.channel).toBe(1);
    expect(wave.difference.low.every((value) => Math.abs(value - 0.5) < 1e-4)).toBe(true);
    expect(wave.original.high[0]).toBeCloseTo(Math.max(...tone.subarray(0, 2)), 4);
  });
});
