import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../../../src/engine/onnx/builder';
import { GraphProtoSchema } from '../../../src/engine/onnx/generated/onnx_pb';
import type { Observation } from '../../../src/engine/onnx/observe';
import { dataInput } from '../../../src/engine/onnx/preprocess';
import { sameSigns } from '../../../src/engine/oracle/sameSigns';

/** A graph that `emit` writes, whose tensors are all [N, 3], but for those named `wide`. */
function reached(emit: (b: GraphBuilder) => void): string {
  const b = new GraphBuilder(create(GraphProtoSchema));
  emit(b);
  const observation: Observation = {
    shape: (name) => (name === 'wide' ? [null, 3, 3] : [null, 3]),
    type: () => 'float32',
    integers: () => undefined,
    floatsPerExample: 0,
  };
  return sameSigns({ graph: b.graph, observation });
}

describe('a tensor with gradients of the same signs', () => {
  it('is what normalisation makes', () => {
    const emit = (b: GraphBuilder) => {
      b.named('Sub', [dataInput, b.floats([1, -2, 3], [3])], 'centred');
      b.named('Div', ['centred', b.floats([0.2, 0.3, 4], [3])], 'scaled');
      b.named('Mul', [b.scalar(255), 'scaled'], 'units');
      b.named('Identity', ['units'], 'entry');
      b.named('Relu', ['entry'], 'active');
    };
    expect(reached(emit)).toBe('entry');
  });

  it.each<[string, (b: GraphBuilder) => void]>([
    ['a negative factor', (b) => b.named('Mul', ['centred', b.floats([1, -1, 1], [3])], 'y')],
    ['a factor of zero', (b) => b.named('Mul', ['centred', b.floats([1, 0, 1], [3])], 'y')],
    ['a division by infinity', (b) => b.named('Div', ['centred', b.scalar(Number.POSITIVE_INFINITY)], 'y')],
    ['a subtraction from a constant', (b) => b.named('Sub', [b.scalar(1), 'centred'], 'y')],
    ['a division of a constant', (b) => b.named('Div', [b.scalar(1), 'centred'], 'y')],
    ['a product with itself', (b) => b.named('Mul', ['centred', 'centred'], 'y')],
    ['a constant of more dimensions', (b) => b.named('Add', ['centred', b.floats([1, 1, 1], [3, 1])], 'wide')],
    [
      'two readers',
      (b) => {
        b.named('Add', ['centred', b.scalar(1)], 'y');
        b.named('Neg', ['centred'], 'z');
      },
    ],
  ])('is not past %s', (_, emit) => {
    const graph = (b: GraphBuilder) => {
      b.named('Sub', [dataInput, b.scalar(0.5)], 'centred');
      emit(b);
    };
    expect(reached(graph)).toBe('centred');
  });
});
