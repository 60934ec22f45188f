/**
 * Applies corruptions to images that a script in Python wrote, for `corruptions.py` beside it.
 *
 *   npx tsx bench/parity/corruptions.ts IN.json OUT.bin
 *
 * IN: {"shape": [C, H, W], "images": FILE of float32 in [0, 1], "count", "draws", "names", "severities"}; OUT: float32 [names, severities, count, draws, C, H, W].
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { corruptionByName } from '../../src/engine/corruption/registry';
import { Random } from '../../src/engine/random';
import type { CorruptionName } from '../../src/engine/spec/corruptions';

const [input, output] = process.argv.slice(2) as [string, string];
const request = JSON.parse(readFileSync(input, 'utf8')) as {
  shape: number[];
  images: string;
  count: number;
  draws: number;
  names: CorruptionName[];
  severities: number[];
};
const bytes = readFileSync(request.images);
const images = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
const size = request.shape.reduce((product, extent) => product * extent, 1);
const { names, severities, count, draws } = request;
const all = new Float32Array(names.length * severities.length * count * draws * size);
let at = 0;
for (const name of names) {
  for (const severity of severities) {
    for (let i = 0; i < count; i++) {
      for (let draw = 0; draw < draws; draw++, at += size) {
        const random = Random.of(0, name, severity, i, draw);
        const x = images.subarray(i * size, (i + 1) * size);
        all.set(corruptionByName(name).apply(x, request.shape, severity, [0, 1], random), at);
      }
    }
  }
}
writeFileSync(output, new Uint8Array(all.buffer));
