import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseWav, wavSamples } from '../../../src/engine/data/wav';
import { RobustnessError } from '../../../src/engine/error';
import { Random } from '../../../src/engine/random';
import { expectError, readAll, temporaryFolder, write } from './files';

interface Settings {
  readonly bits?: 8 | 16 | 24 | 32 | 64;
  readonly code?: number;
  readonly rate?: number;
  readonly channels?: number;
  readonly extensible?: boolean;
  /** Chunks between the format and the samples. */
  readonly before?: readonly (readonly [string, number])[];
}

/** A WAV file whose frames hold these raw numbers, one channel after another. */
function wav(samples: readonly number[], settings: Settings = {}): Uint8Array<ArrayBuffer> {
  const { bits = 16, code = 1, rate = 8000, channels = 1, extensible = false, before = [] } = settings;
  const width = bits / 8;
  const format = Buffer.alloc(extensible ? 40 : 16);
  format.writeUInt16LE(extensible ? 0xfffe : code, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE(rate * channels * width, 8);
  format.writeUInt16LE(channels * width, 12);
  format.writeUInt16LE(bits, 14);
  if (extensible) format.writeUInt16LE(code, 24);
  const data = Buffer.alloc(samples.length * width);
  samples.forEach((sample, i) => {
    if (code === 3) bits === 32 ? data.writeFloatLE(sample, 4 * i) : data.writeDoubleLE(sample, 8 * i);
    else if (bits === 8) data.writeUInt8(sample, i);
    else data.writeIntLE(sample, width * i, width);
  });
  const chunk = (id: string, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.write(id, 'latin1');
    head.writeUInt32LE(body.length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
  };
  const chunks = [
    chunk('fmt ', format),
    ...before.map(([id, size]) => chunk(id, Buffer.alloc(size))),
    chunk('data', data),
  ];
  const head = Buffer.alloc(12);
  head.write('RIFF', 'latin1');
  head.writeUInt32LE(4 + chunks.reduce((sum, { length }) => sum + length, 0), 4);
  head.write('WAVE', 8, 'latin1');
  return Uint8Array.from(Buffer.concat([head, ...chunks]));
}

const read = (bytes: Uint8Array, frames?: number) => {
  const found = parseWav(bytes, 'a.wav');
  return { ...found, values: [...wavSamples(bytes, found, frames ?? found.frames, 'a.wav')] };
};
const code = (bytes: Uint8Array) => {
  try {
    return read(bytes).frames;
  } catch (error) {
    expect(error).toBeInstanceOf(RobustnessError);
    return (error as RobustnessError).code;
  }
};

describe('WAV files', () => {
  it.each([
    ['8-bit', { bits: 8 }, [0, 64, 128, 255], [-1, -0.5, 0, 127 / 128]],
    ['16-bit', { bits: 16 }, [-32768, -1, 0, 16384], [-1, -1 / 32768, 0, 0.5]],
    ['24-bit', { bits: 24 }, [-8388608, -1, 1, 4194304], [-1, -1 / 8388608, 1 / 8388608, 0.5]],
    ['32-bit', { bits: 32 }, [-2147483648, 0, 1073741824], [-1, 0, 0.5]],
    ['float', { bits: 32, code: 3 }, [-1.5, 0, 0.25], [-1.5, 0, 0.25]],
    ['double', { bits: 64, code: 3 }, [-1, 0.125], [-1, 0.125]],
    ['extensible', { bits: 16, extensible: true }, [8192], [0.25]],
    [
      'with other chunks',
      {
        before: [
          ['LIST', 27],
          ['fact', 4],
        ],
      },
      [8192, -8192],
      [0.25, -0.25],
    ],
  ] as [string, Settings, number[], number[]][])('are read: %s', (_, settings, samples, expected) => {
    const { values, frames, sampleRate, channels } = read(wav(samples, settings));
    expect(values).toEqual(expected.map(Math.fround));
    expect([frames, sampleRate, channels]).toEqual([samples.length, 8000, 1]);
  });

  it('come apart by channel, are cut at the end or filled up with silence', () => {
    const stereo = wav(
      [1, 2, 3, 4, 5, 6].map((k) => k * 4096),
      { channels: 2 },
    );
    expect(read(stereo).values).toEqual([1, 3, 5, 2, 4, 6].map((k) => k / 8));
    expect(read(stereo, 2).values).toEqual([1, 3, 2, 4].map((k) => k / 8));
    expect(read(stereo, 4).values).toEqual([1, 3, 5, 0, 2, 4, 6, 0].map((k) => k / 8));
  });

  it('that were written to a pipe declare no length', () => {
    const bytes = wav([1, 2, 3]);
    new DataView(bytes.buffer).setUint32(40, 0xffff_ffff, true);
    expect(read(bytes).frames).toBe(3);
  });

  it('are refused by name where they are damaged or something else', () => {
    const changed = (at: number, value: number, width: 2 | 4 = 2) => {
      const bytes = wav([1, 2, 3]);
      const view = new DataView(bytes.buffer);
      width === 2 ? view.setUint16(at, value, true) : view.setUint32(at, value, true);
      return bytes;
    };
    expect(code(new Uint8Array(0))).toBe('data/wav-not-wav');
    expect(code(Buffer.from('RIFX0000WAVE'))).toBe('data/wav-not-wav');
    expect(code(Buffer.from('RIFF0000WAVE'))).toBe('data/wav-no-samples');
    expect(code(wav([]))).toBe('data/wav-empty');
    expect(code(changed(20, 2))).toBe('data/wav-encoding');
    expect(code(changed(34, 12))).toBe('data/wav-encoding');
    expect(code(changed(22, 0))).toBe('data/wav-no-format');
    expect(code(changed(24, 0, 4))).toBe('data/wav-no-format');
    expect(code(changed(32, 7))).toBe('data/wav-no-format');
    expect(code(changed(16, 0xffff_fff0, 4))).toBe('data/wav-no-samples');
    expect(code(changed(40, 7, 4))).toBe('data/truncated');
    expect(code(wav([1, 2, 3]).subarray(0, 45))).toBe('data/truncated');
    expect(code(wav([Number.NaN], { bits: 32, code: 3 }))).toBe('data/not-finite');
    const twisted = Uint8Array.from([
      ...wav([1]).subarray(0, 12),
      ...wav([1]).subarray(36),
      ...wav([1]).subarray(12, 36),
    ]);
    expect(code(twisted)).toBe('data/wav-no-format');
  });

  it('that are hostile never get past a typed error', () => {
    const whole = wav([1, -2, 3, -4, 5, 6], { channels: 2, before: [['LIST', 9]] });
    const random = Random.of(5, 'hostile');
    for (let k = 0; k < 3000; k++) {
      const bytes = whole.slice(0, k % 3 === 0 ? random.integer(whole.length + 1) : whole.length);
      for (let hits = random.integer(4); hits >= 0 && bytes.length > 0; hits--) {
        bytes[random.integer(bytes.length)] = random.integer(2) === 0 ? 255 : random.integer(256);
      }
      const found = code(bytes);
      if (typeof found === 'number') expect(found).toBeLessThanOrEqual(whole.length);
    }
  });
});

describe('a folder of WAV files', () => {
  const root = temporaryFolder();
  let made = 0;
  const folder = (files: Readonly<Record<string, Uint8Array | string>>) => {
    const path = join(root, String(made++));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(path, name, '..'), { recursive: true });
      write(path, name, content);
    }
    return path;
  };

  it('is a data set of time series, one class a sub-folder', async () => {
    const at = folder({
      'yes/b.wav': wav([8192, 16384]),
      'yes/a.WAV': wav([-8192, 0]),
      'no/c.wav': wav([0, 4096]),
      'no/readme.txt': 'no recording',
    });
    const { data, x, y } = await readAll({ path: at });
    expect(data).toMatchObject({ kind: 'series', shape: [1, 2], range: [-1, 1], unit: 1, sampleRate: 8000 });
    expect(data.classes).toEqual(['no', 'yes']);
    expect(data.inferred).toContain('recordings have 8000 frames a second');
    expect(x).toEqual([0, 0.125, -0.25, 0, 0.25, 0.5]);
    expect(y).toEqual([0, 1, 1]);
  });

  it('may be listed, and be floats without known bounds', async () => {
    const loud = wav([2, -1], { bits: 32, code: 3 });
    const at = folder({ 'x/1.wav': loud, 'x/2.wav': wav([0, 0]), 'labels.csv': 'file,label\nx/1.wav,1\nx/2.wav,0\n' });
    const { data, x, y } = await readAll({ path: at });
    expect(data).toMatchObject({ kind: 'series', range: null });
    expect([x, y]).toEqual([
      [2, -1, 0, 0],
      [1, 0],
    ]);
  });

  it('is cut and filled up to the stated frames, and refused where lengths differ without', async () => {
    const at = folder({ 'a/1.wav': wav([8192, 8192, 8192]), 'b/2.wav': wav([16384]) });
    const { data, x } = await readAll({ path: at, frames: 2 });
    expect(x).toEqual([0.25, 0.25, 0.5, 0]);
    expect(data.inferred).toContain('recordings of 1 to 3 frames were brought to 2');
    await expectError(readAll({ path: at }), 'data/wav-lengths', /from 1 to 3 frames/);
  });

  it('is refused where rates or channels differ, or the stated rate is another', async () => {
    const rates = folder({ 'a/1.wav': wav([1]), 'b/2.wav': wav([1], { rate: 16000 }) });
    await expectError(readAll({ path: rates }), 'data/wav-rate', /8000 frames.*16000/);
    const channels = folder({ 'a/1.wav': wav([1]), 'b/2.wav': wav([1, 1], { channels: 2 }) });
    await expectError(readAll({ path: channels }), 'data/wav-channels', /1 channels.*2/);
    const one = folder({ 'a/1.wav': wav([1]), 'b/2.wav': wav([1]) });
    await expectError(readAll({ path: one, sampleRate: 44100 }), 'data/wav-rate', /the spec says 44100/);
    await expectError(readAll({ path: folder({ 'a/1.wav': 'RIFF', 'b/2.wav': wav([1]) }) }), 'data/wav-not-wav');
    await expectError(readAll({ path: folder({ 'a/1.txt': '' }), format: 'wav' }), 'data/no-classes', /WAV files/);
  });
});
