import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { RobustnessError } from '../error';

/** 8192×8192; a header that declares more is refused before anything is allocated. */
const mostPixels = 2 ** 26;

export interface ImageHeader {
  readonly format: 'png' | 'jpeg';
  readonly width: number;
  readonly height: number;
  /** 1 for grey, 3 for colour; transparency is not counted. */
  readonly channels: 1 | 3;
  readonly transparent: boolean;
}

/**
 * What the header of a PNG or JPEG file says.
 * @throws RobustnessError `data/not-an-image`, `data/image-too-large`
 */
export function imageHeader(bytes: Uint8Array, name: string): ImageHeader {
  const header = pngHeader(bytes) ?? jpegHeader(bytes);
  if (header === null || header.width === 0 || header.height === 0) throw notImage(name);
  if (header.width * header.height > mostPixels) {
    throw new RobustnessError(
      'data/image-too-large',
      `${name} declares ${header.width}×${header.height} pixels, more than the ${mostPixels} that are read.`,
      'Scale the image down, or remove it if it does not belong to the data.',
    );
  }
  return header;
}

/**
 * Decodes a PNG or JPEG file to 8-bit values [channels, height, width]. Transparency is dropped, 16-bit values are
 * scaled to 8, grey is repeated when three channels are asked for.
 * @throws RobustnessError `data/not-an-image`, `data/image-too-large`
 */
export function decodeImage(bytes: Uint8Array, name: string, channels: 1 | 3): { values: Uint8Array; shape: number[] } {
  const header = imageHeader(bytes, name);
  const { data, stride } = header.format === 'png' ? decodePng(bytes, name) : decodeJpeg(bytes, name);
  const area = header.width * header.height;
  if (data.length < area * stride) throw notImage(name);
  const values = new Uint8Array(channels * area);
  for (let c = 0; c < channels; c++) {
    for (let i = 0, source = c; i < area; i++, source += stride) values[c * area + i] = data[source]!;
  }
  return { values, shape: [channels, header.height, header.width] };
}

/** ITU-R 601 luma with PIL's integer weights (`convert("L")`). */
export function toGrey(values: Uint8Array | Float32Array): Uint8Array | Float32Array {
  const area = values.length / 3;
  const bytes = values instanceof Uint8Array;
  const grey = bytes ? new Uint8Array(area) : new Float32Array(area);
  for (let i = 0; i < area; i++) {
    const sum = 19595 * values[i]! + 38470 * values[area + i]! + 7471 * values[2 * area + i]!;
    grey[i] = bytes ? (sum + 0x8000) >> 16 : sum / 0x10000;
  }
  return grey;
}

function decodePng(bytes: Uint8Array, name: string): { data: Uint8Array; stride: number } {
  try {
    return { data: PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).data, stride: 4 };
  } catch (cause) {
    throw notImage(name, cause);
  }
}

function decodeJpeg(bytes: Uint8Array, name: string): { data: Uint8Array; stride: number } {
  try {
    const options = { useTArray: true, formatAsRGBA: false, maxResolutionInMP: 68, maxMemoryUsageInMB: 1024 } as const;
    return { data: jpeg.decode(bytes, options).data, stride: 3 };
  } catch (cause) {
    throw notImage(name, cause);
  }
}

function pngHeader(bytes: Uint8Array): ImageHeader | null {
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  if (bytes.length < 33 || signature.some((value, i) => bytes[i] !== value)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const colour = bytes[25]!;
  return {
    format: 'png',
    width: view.getUint32(16),
    height: view.getUint32(20),
    channels: colour === 0 || colour === 4 ? 1 : 3,
    transparent: colour === 4 || colour === 6,
  };
}

function jpegHeader(bytes: Uint8Array): ImageHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // Fill byte.
      continue;
    }
    // Start of frame, but not the Huffman, JPEG extension and arithmetic tables among them.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      const channels = bytes[at + 9] === 1 ? 1 : 3;
      return {
        format: 'jpeg',
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        channels,
        transparent: false,
      };
    }
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function notImage(name: string, cause?: unknown): RobustnessError {
  return new RobustnessError(
    'data/not-an-image',
    `${name} is not a readable PNG or JPEG image.`,
    'Remove it from the data, or save it again as PNG.',
    { cause },
  );
}
