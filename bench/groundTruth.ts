/**
 * Counterexamples against the verification competitions' ground truth: what share of the properties that have one is falsified,
 * in what time, and that none is that tools proved.
 *
 *   npx tsx bench/groundTruth.ts [--benchmark NAME]… [--only strict|sat|unsat] [--timeout 60] [--unsat 40|all]
 *     [--unsat-timeout 3] [--threads N] [--match TEXT] [--verbose]
 *
 * Reads `ground_truth.csv` of the material (env ROBUSTNESS_MATERIAL). `strict`: a published counterexample was replayed in ONNX
 * Runtime; `sat`: all that tools agreed on without one. Seconds include opening the model.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { certifyProperty } from '../src/engine/certify/certify';

const { values } = parseArgs({
  options: {
    benchmark: { type: 'string', multiple: true },
    only: { type: 'string' },
    match: { type: 'string' },
    timeout: { type: 'string', default: '60' },
    unsat: { type: 'string', default: '40' },
    'unsat-timeout': { type: 'string', default: '3' },
    threads: { type: 'string' },
    seed: { type: 'string', default: '0' },
    verbose: { type: 'boolean', default: false },
  },
});

const root = resolve(process.env.ROBUSTNESS_MATERIAL ?? '../shared/material');

interface Row {
  readonly model: string;
  readonly vnnlib: string;
  readonly benchmark: string;
  readonly kind: 'strict' | 'sat' | 'unsat';
}

function rows(): Row[] {
  const [head, ...lines] = readFileSync(join(root, 'ground_truth.csv'), 'utf8').trim().split('\n');
  const names = head!.split(',');
  const all: Row[] = [];
  for (const line of lines) {
    const cells = line.split(',');
    const cell = (name: string) => cells[names.indexOf(name)] ?? '';
    const consensus = cell('consensus');
    if (consensus !== 'sat' && consensus !== 'unsat') continue;
    const kind = consensus === 'sat' && cell('cex_check') === 'strict' ? 'strict' : consensus;
    all.push({ model: cell('model'), vnnlib: cell('vnnlib'), benchmark: cell('benchmark'), kind });
  }
  return all;
}

/** Evenly spread over the list, so that every benchmark has its share. */
function sampled(list: readonly Row[], count: number): Row[] {
  if (count >= list.length) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor(((i + 0.5) * list.length) / count)]!);
}

interface Score {
  total: number;
  found: number;
  seconds: number;
  slowest: number;
  /** Smallest margin of a confirmed counterexample. */
  least: number;
}

const every = rows().filter(
  ({ benchmark, kind, model, vnnlib }) =>
    (values.benchmark === undefined || values.benchmark.includes(benchmark)) &&
    (values.only === undefined || values.only === kind) &&
    (values.match === undefined || `${model} ${vnnlib}`.includes(values.match)),
);
const unsat = every.filter(({ kind }) => kind === 'unsat');
const chosen = [
  ...every.filter(({ kind }) => kind === 'strict'),
  ...every.filter(({ kind }) => kind === 'sat'),
  ...sampled(unsat, values.unsat === 'all' ? unsat.length : Number(values.unsat)),
];

const scores = new Map<string, Score>();
const missed: string[] = [];
for (const { model, vnnlib, benchmark, kind } of chosen) {
  const result = await certifyProperty(join(root, model), join(root, vnnlib), {
    timeout: Number(kind === 'unsat' ? values['unsat-timeout'] : values.timeout),
    seed: Number(values.seed),
    ...(values.threads === undefined ? {} : { threads: Number(values.threads) }),
  }).catch((error: unknown) => {
    missed.push(`${kind} ${model} ${vnnlib}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  });
  const found = result?.verdict === 'falsified';
  const seconds = result?.seconds ?? 0;
  if (result && found === (kind === 'unsat')) {
    missed.push(`${kind} ${model} ${vnnlib}: ${result.verdict} ${JSON.stringify(result.counterexample?.margin)}`);
  }
  const key = `${benchmark} ${kind}`;
  const score = scores.get(key) ?? { total: 0, found: 0, seconds: 0, slowest: 0, least: Number.POSITIVE_INFINITY };
  scores.set(key, score);
  score.total++;
  score.seconds += seconds;
  score.slowest = Math.max(score.slowest, seconds);
  if (found) {
    score.found++;
    score.least = Math.min(score.least, result.counterexample?.margin ?? Number.POSITIVE_INFINITY);
  }
  if (values.verbose) {
    console.log(
      `${found ? '+' : '-'} ${kind} ${seconds.toFixed(2)} s ${result?.counterexample?.margin ?? ''} ${model} ${vnnlib}`,
    );
  }
}

console.log('\nbenchmark                        falsified   mean s   slowest s   least margin');
for (const [key, { total, found, seconds, slowest, least }] of [...scores].sort(([a], [b]) => a.localeCompare(b))) {
  const margin = Number.isFinite(least) ? least.toExponential(1) : '';
  console.log(
    `${key.padEnd(33)}${`${found}/${total}`.padEnd(12)}${(seconds / total).toFixed(2).padEnd(9)}${slowest.toFixed(1).padEnd(12)}${margin}`,
  );
}
for (const kind of ['strict', 'sat', 'unsat'] as const) {
  const own = [...scores].filter(([key]) => key.endsWith(` ${kind}`)).map(([, score]) => score);
  const [found, total] = [own.reduce((s, o) => s + o.found, 0), own.reduce((s, o) => s + o.total, 0)];
  if (total > 0) console.log(`${kind}: ${found} of ${total} falsified (${((100 * found) / total).toFixed(1)} %)`);
}
if (missed.length > 0) console.log(`\nNot as expected:\n${missed.join('\n')}`);
