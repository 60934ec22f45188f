/**
 * Makes sequences of images that a script in Python wrote, for `perturbations.py` beside it.
 *
 *   npx tsx bench/parity/perturbations.ts IN.json OUT.bin
 *
 * IN: {"shape": [C, H, W], "images": FILE of float32 in [0, 1], "count", "draws", "names", "frames": indices or null for all}; OUT: float32
 * [names, count, draws, frames, C, H, W].
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Random } from '../../src/engine/random';
import type { PerturbationName } from '../../src/engine/spec/stability';
import { perturbationByName } from '../../src/engine/stability/registry';

const [input, output] = process.argv.slice(2) as [string, string];
const { shape, images, count, draws, names, frames } = JSON.parse(readFileSync(input, 'utf8')) as {
  shape: number[];
  images: string;
  count: number;
  draws: number;
  names: PerturbationName[];
  frames: number[] | null;
};
const bytes = readFileSync(images);
const pixels = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const size = shape.reduce((product, extent) => product * extent, 1);
const made: Buffer[] = [];
for (const name of names) {
  const perturbation = perturbationByName(name);
  const all = perturbation.frames(shape);
  const wanted = new Set(frames ?? Array.from({ length: all }, (_, k) => k));
  for (let i = 0; i < count; i++) {
    for (let draw = 0; draw < draws; draw++) {
      const random = Random.of(0, name, i, draw);
      const x = pixels.subarray(i * size, (i + 1) * size);
      const frame = perturbation.open({ x, shape, bounds: [0, 1], random });
      for (let k = 0; k < all; k++) {
        const out = new Float32Array(size);
        frame(k, out);
        if (wanted.has(k)) made.push(Buffer.from(out.buffer));
      }
    }
  }
}
writeFileSync(output, Buffer.concat(made));
