import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MemberFile } from '../../../src/engine/ensemble/open';
import { bytesOf, TestModel, wave } from '../onnx/model';

/** Numbers of one example, and classes, of all small members. */
export const width = 6;
export const classes = 3;

export interface SmallModel {
  readonly phase: number;
  /** What the file returns. */
  readonly returns?: 'logits' | 'softmax' | 'log-softmax' | 'sigmoids' | 'one-sigmoid' | 'labels' | 'probabilities';
  readonly opset?: number;
  /** As it declares its batch. */
  readonly batch?: number | string;
  readonly classes?: number;
  readonly width?: number;
  /** Scores times this: overconfident where large. */
  readonly sharpness?: number;
}

/** A smooth network of two layers: tanh has no kink where differences and derivatives part. */
export function smallModel(model: SmallModel): Uint8Array {
  const { phase, returns = 'logits', opset = 13, batch = 'N', sharpness = 1 } = model;
  const inputs = model.width ?? width;
  const outputs = returns === 'one-sigmoid' ? 1 : (model.classes ?? classes);
  const test = new TestModel([batch, inputs]);
  const { builder: b } = test;
  const first = b.floats(wave(inputs * 5, phase), [inputs, 5]);
  const second = b.floats(
    wave(5 * outputs, phase + 2).map((value) => value * sharpness),
    [5, outputs],
  );
  const z = b.op('MatMul', [b.op('Tanh', [b.op('MatMul', ['x', first])]), second]);
  const behind = {
    logits: () => z,
    softmax: () => b.op('Softmax', [z], { axis: 1 }),
    'log-softmax': () => b.op('LogSoftmax', [z], { axis: 1 }),
    sigmoids: () => b.op('Sigmoid', [z]),
    'one-sigmoid': () => b.op('Sigmoid', [z]),
    labels: () => b.op('ArgMax', [z], { axis: 1, keepdims: 0 }),
    // No softmax that could be stepped over: each is divided by the sum.
    probabilities: () => {
      const e = b.op('Exp', [z]);
      return b.op('Mul', [
        e,
        b.op('Reciprocal', [b.op('MatMul', [e, b.floats(new Float32Array(outputs ** 2).fill(1), [outputs, outputs])])]),
      ]);
    },
  }[returns]();
  const loaded = test.finish(behind, returns === 'labels' ? [batch] : [batch, outputs], opset);
  if (returns === 'labels')
    test.graph.output[0]!.type!.value = { case: 'tensorType', value: { ...tensorOf(test), elemType: 7 } };
  return bytesOf(loaded);
}

function tensorOf({ graph }: TestModel) {
  const type = graph.output[0]!.type!.value;
  if (type.case !== 'tensorType') throw new RangeError('no tensor');
  return type.value;
}

const plain = { mean: [0], std: [1], layout: 'flat', channels: 'rgb' } as const;

export interface Folder {
  readonly path: string;
  /** Writes a member; its pre-processing is that of {@link plain} but for what is given. */
  write(name: string, model: SmallModel, preprocess?: Partial<MemberFile['preprocess']>): Promise<MemberFile>;
  remove(): Promise<void>;
}

export async function memberFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'ensemble-'));
  return {
    path,
    async write(name, model, preprocess = {}) {
      const file = join(path, name);
      await writeFile(file, smallModel(model));
      return { path: file, preprocess: { ...plain, ...preprocess } };
    },
    remove: () => rm(path, { recursive: true }),
  };
}

/** Examples [n, width] in [0, 1]. */
export const examples = (n: number, phase = 0): Float32Array => wave(n * width, phase).map((value) => (value + 1) / 2);
