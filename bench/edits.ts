// How much of what any single edit breaks the beam search finds, on the sample of reviews:
//   npx tsx bench/edits.ts [COUNT]
import { usualEditRules } from '../src/engine/attack/editRules';
import { editsBeam } from '../src/engine/attack/editsBeam';
import { applyEdits, editableText, spellings } from '../src/engine/attack/editsText';
import { isBroken } from '../src/engine/attack/scores';
import { openDataset } from '../src/engine/data/open';
import { Random } from '../src/engine/random';
import { describeText } from '../src/engine/text/describe';
import { openText } from '../src/engine/text/open';

const budgets = [200, 1000, 5000];
const count = Number(process.argv[2] ?? 24);
const data = await openDataset({ path: 'samples/reviews/data/test.csv', limit: count }, '.', { texts: true });
const width = data.shape[0]!;
const model = await openText(await describeText('samples/reviews/models/misspelt.onnx'), {
  width,
  batchSize: 64,
  countClasses: async () => 2,
});
const { oracle } = model;

/** Whether any of some texts is misclassified. */
async function anyBroken(texts: readonly Float32Array[], label: number): Promise<boolean> {
  for (let at = 0; at < texts.length; at += 512) {
    const some = texts.slice(at, at + 512);
    const points = new Float32Array(width * some.length);
    some.forEach((text, k) => void points.set(text, k * width));
    const logits = await oracle.logits(points);
    for (let k = 0; k < some.length; k++) if (isBroken(logits, k, 2, label)) return true;
  }
  return false;
}

let right = 0;
let breakable = 0;
const found = budgets.map(() => 0);
for await (const { start, x, y } of data.batches(1)) {
  if (await anyBroken([x], y[0]!)) continue;
  right++;
  const text = editableText(x, usualEditRules);
  const all = text.words.flatMap((_, word) => spellings(text, word, usualEditRules, 1, Random.of(0, 'all', word)));
  const texts = all.map((edit) => applyEdits(text, [edit])).filter((each) => each !== null);
  if (await anyBroken(texts, y[0]!)) breakable++;
  for (const [k, queries] of budgets.entries()) {
    const { success } = await editsBeam.run({
      oracle,
      x,
      y,
      indices: Int32Array.of(start),
      threat: { norm: 'edits', epsilon: 1, bounds: null, edits: usualEditRules },
      budget: { iterations: 0, restarts: 1, queries },
      seed: 0,
    });
    found[k]! += success[0]!;
  }
}
console.log(`${right} classified correctly, ${breakable} of them broken by some single edit`);
for (const [k, queries] of budgets.entries()) console.log(`beam search, ${queries} queries: ${found[k]}`);
await model.release();
await data.close();
