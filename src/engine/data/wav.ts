import { RobustnessError } from '../error';
import { elementReader } from './elements';

/** What the header of a WAV file says. */
export interface WavHeader {
  /** Frames a second. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly frames: number;
  readonly bits: 8 | 16 | 24 | 32 | 64;
  readonly float: boolean;
}

export interface Wav extends WavHeader {
  /** Where the samples begin. */
  readonly offset: number;
}

/** RIFF keeps sizes in 32 bits; programs that write to a pipe leave them at their largest. */
const openEnd = 0xffff_ffff;
const [pcm, ieeeFloat, extensible] = [1, 3, 0xfffe];
const mostChannels = 1024;

/**
 * Finds the samples of a WAV file: PCM of 8, 16, 24 and 32 bits and IEEE floats of 32 and 64 bits, plain or extensible.
 *
 * @param bytes of the file, or as many of its first as hold the header
 * @param name for messages
 * @param length of the whole file
 * @throws RobustnessError `data/wav-…`, `data/truncated`
 */
export function parseWav(bytes: Uint8Array, name: string, length = bytes.length): Wav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 12 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') {
    const other = bytes.length >= 12 && ['RF64', 'RIFX', 'BW64'].includes(tag(0)) ? ` but ${tag(0)}` : '';
    throw wrong('not-wav', `${name} is no RIFF WAVE file${other}.`, 'Save it as WAV with 16-bit PCM.');
  }
  let format: Omit<WavHeader, 'frames'> | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = tag(at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    const left = length - start;
    if (id === 'data') {
      if (format === undefined)
        throw wrong('no-format', `${name} has samples before their format.`, 'The file is damaged: save it anew.');
      if (size > left && size !== openEnd) {
        throw new RobustnessError(
          'data/truncated',
          `${name} ends after ${left} of the ${size} bytes of samples that its header declares.`,
          'The file is incomplete or its header is wrong: record or export it again.',
        );
      }
      const frameBytes = (format.channels * format.bits) / 8;
      const frames = Math.floor(Math.min(size, left) / frameBytes);
      if (frames === 0) throw wrong('empty', `${name} holds no samples.`, 'Remove it from the data.');
      return { ...format, frames, offset: start };
    }
    if (size > left) break;
    if (id === 'fmt ' && start + Math.min(size, 26) <= bytes.length) format = formatOf(view, start, size, name);
    // Chunks begin at even places.
    at = start + size + (size % 2);
  }
  throw wrong('no-samples', `${name} has no chunk of samples.`, 'The file is damaged: save it anew.');
}

function formatOf(view: DataView, at: number, size: number, name: string): Omit<WavHeader, 'frames'> {
  if (size < 16) throw wrong('no-format', `The format in ${name} is cut short.`, 'The file is damaged: save it anew.');
  let code = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const align = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  // The first two bytes of the sub-format's GUID are the code.
  if (code === extensible && size >= 26) code = view.getUint16(at + 24, true);
  const known = code === pcm ? [8, 16, 24, 32].includes(bits) : code === ieeeFloat && [32, 64].includes(bits);
  if (!known) {
    throw wrong(
      'encoding',
      `${name} holds samples of format ${code} with ${bits} bits, which is not read here.`,
      'Save it as WAV with PCM of 8, 16, 24 or 32 bits, or floats.',
    );
  }
  if (channels === 0 || channels > mostChannels || sampleRate === 0 || align !== (channels * bits) / 8) {
    throw wrong(
      'no-format',
      `${name} declares ${channels} channels at ${sampleRate} Hz in frames of ${align} bytes with ${bits} bits a sample, which cannot be.`,
      'The file is damaged: save it anew.',
    );
  }
  return { channels, sampleRate, bits: bits as WavHeader['bits'], float: code === ieeeFloat };
}

/**
 * The samples by channel. Whole numbers become −1 to 1 by division by 2^(bits − 1), as librosa and soundfile do.
 *
 * @param frames of the result: what is longer is cut at the end, what is shorter filled up with silence
 * @returns [channels, frames]
 * @throws RobustnessError `data/not-finite`
 */
export function wavSamples(bytes: Uint8Array, wav: Wav, frames: number, name: string): Float32Array {
  const { channels, bits, float, offset } = wav;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.byteLength - offset);
  const read = sampleReader(bits, float);
  const count = Math.min(frames, wav.frames);
  const values = new Float32Array(channels * frames);
  for (let t = 0; t < count; t++) {
    for (let c = 0; c < channels; c++) {
      const value = read(view, t * channels + c);
      if (!Number.isFinite(value)) {
        throw new RobustnessError(
          'data/not-finite',
          `Frame ${t} of ${name} is ${value}.`,
          'Remove the file from the data, or repair it.',
        );
      }
      values[c * frames + t] = value;
    }
  }
  return values;
}

function sampleReader(bits: WavHeader['bits'], float: boolean): (view: DataView, index: number) => number {
  if (float) return elementReader({ type: bits === 32 ? 'f4' : 'f8', littleEndian: true });
  switch (bits) {
    // Eight bits alone are without a sign.
    case 8:
      return (view, i) => (view.getUint8(i) - 128) / 128;
    case 16:
      return (view, i) => view.getInt16(2 * i, true) / 2 ** 15;
    case 24:
      return (view, i) => (view.getUint16(3 * i, true) + view.getInt8(3 * i + 2) * 2 ** 16) / 2 ** 23;
    default:
      return (view, i) => view.getInt32(4 * i, true) / 2 ** 31;
  }
}

function wrong(reason: string, message: string, hint: string): RobustnessError {
  return new RobustnessError(`data/wav-${reason}`, message, hint);
}
