import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { GraphBuilder } from '../../../src/engine/onnx/builder';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataType,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from '../../../src/engine/onnx/generated/onnx_pb';
import { wave } from '../onnx/model';

export interface TinyOptions {
  readonly inputs?: readonly ('input_ids' | 'attention_mask' | 'token_type_ids' | 'position_ids' | 'other')[];
  readonly type?: 'int64' | 'int32';
  /** Texts and tokens; names are open. */
  readonly shape?: readonly [number | string, number | string];
  readonly head?: 'logits' | 'softmax' | 'sigmoid' | 'labels';
  /** Entries of the embedding; those of the tokenizer if absent. */
  readonly entries?: number;
  readonly tokenizer?: 'wordpiece' | 'bpe' | 'unigram' | null;
}

const entries = 700;

/** A folder with a mean of embeddings as a classifier of three classes, and one of the tokenizers beside it. */
export async function tinyText(options: TinyOptions = {}): Promise<string> {
  const { tokenizer = 'wordpiece' } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tiny-text-'));
  const path = join(folder, 'model.onnx');
  await writeFile(path, tinyBytes(options));
  if (tokenizer !== null) {
    await cp(
      join(import.meta.dirname, `../../fixtures/text/${tokenizer}/tokenizer.json`),
      join(folder, 'tokenizer.json'),
    );
  }
  return path;
}

function tinyBytes(options: TinyOptions): Uint8Array {
  const { inputs = ['input_ids', 'attention_mask'], type = 'int64', shape = ['N', 'T'], head = 'logits' } = options;
  const elemType = type === 'int64' ? TensorProto_DataType.INT64 : TensorProto_DataType.INT32;
  const border = (name: string, element: number, dims: readonly (number | string)[]) =>
    create(ValueInfoProtoSchema, {
      name,
      type: create(TypeProtoSchema, {
        value: {
          case: 'tensorType',
          value: {
            elemType: element,
            shape: {
              dim: dims.map((dim) => ({
                value:
                  typeof dim === 'number'
                    ? { case: 'dimValue' as const, value: BigInt(dim) }
                    : { case: 'dimParam' as const, value: dim },
              })),
            },
          },
        },
      }),
    });
  const graph = create(GraphProtoSchema, { name: 'tiny', input: inputs.map((name) => border(name, elemType, shape)) });
  const builder = new GraphBuilder(graph);
  const classes = head === 'sigmoid' ? 1 : 3;
  const rows = options.entries ?? entries;
  const table = builder.floats(
    [...wave(rows * classes, 0.3)].map((value) => 4 * value),
    [rows, classes],
  );
  let values = builder.op('Gather', [table, 'input_ids'], { axis: 0 });
  for (const name of inputs) {
    if (name !== 'token_type_ids' && name !== 'position_ids' && name !== 'other') continue;
    const extra = builder.op('Cast', [name], { to: TensorProto_DataType.FLOAT });
    values = builder.op('Add', [
      values,
      builder.op('Unsqueeze', [builder.op('Mul', [extra, builder.floats([0.01], [])]), builder.ints([2])]),
    ]);
  }
  let pooled: string;
  if (inputs.includes('attention_mask')) {
    const mask = builder.op('Unsqueeze', [
      builder.op('Cast', ['attention_mask'], { to: TensorProto_DataType.FLOAT }),
      builder.ints([2]),
    ]);
    const sum = builder.op('ReduceSum', [builder.op('Mul', [values, mask]), builder.ints([1])], { keepdims: 0 });
    const count = builder.op('ReduceSum', [mask, builder.ints([1])], { keepdims: 0 });
    pooled = builder.op('Div', [sum, builder.op('Max', [count, builder.floats([1], [])])]);
  } else pooled = builder.op('ReduceMean', [values], { axes: [1], keepdims: 0 });
  if (head === 'softmax') builder.named('Softmax', [pooled], 'scores', { axis: -1 });
  else if (head === 'sigmoid') builder.named('Sigmoid', [pooled], 'scores');
  else if (head === 'labels') builder.named('ArgMax', [pooled], 'scores', { axis: 1, keepdims: 0 });
  else builder.named('Identity', [pooled], 'scores');
  graph.output = [
    head === 'labels'
      ? border('scores', TensorProto_DataType.INT64, [shape[0]])
      : border('scores', TensorProto_DataType.FLOAT, [shape[0], classes]),
  ];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [create(OperatorSetIdProtoSchema, { version: 17n })],
      graph,
    }),
  );
}
