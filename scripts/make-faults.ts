import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FaultName, faults, plant } from './faults';

/** Writes the sample network with each known fault into a folder: `tsx scripts/make-faults.ts FOLDER [MODEL]`. */
const [folder, model = 'samples/digits/models/plain.onnx'] = process.argv.slice(2);
if (folder === undefined) throw new Error('Usage: tsx scripts/make-faults.ts FOLDER [MODEL]');
await mkdir(folder, { recursive: true });
for (const name of Object.keys(faults) as FaultName[]) {
  await writeFile(join(folder, `${name}.onnx`), await plant(name, model));
  process.stdout.write(`${name}.onnx: ${faults[name].title}\n`);
}
