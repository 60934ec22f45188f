import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RobustnessError } from '../../../../src/engine/error';
import { attributeProto } from '../../../../src/engine/onnx/attribute';
import { GraphBuilder } from '../../../../src/engine/onnx/builder';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  TensorProto_DataType,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../../../src/engine/onnx/generated/onnx_pb';
import { prepareModel } from '../../../../src/engine/onnx/prepare';
import { Random } from '../../../../src/engine/random';
import { gradientApart, graphOf, lower, type Native, numbersApart, operatorsOf, protoOf } from './lowered';

const { FLOAT, INT64, BOOL } = TensorProto_DataType;

/** A value of a subgraph's border; without a shape unless it is a scalar. */
function typed(name: string, elemType: number, scalar = false): ValueInfoProto {
  const shape = scalar ? { shape: { dim: [] } } : {};
  const type = create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType, ...shape } } });
  return create(ValueInfoProtoSchema, { name, type });
}

/** Names in a subgraph that nothing around it has. */
let serial = 0;

interface Body {
  readonly inputs?: readonly ValueInfoProto[];
  readonly outputTypes: readonly number[];
  readonly write: (builder: GraphBuilder) => readonly string[];
}

function subgraph(around: GraphBuilder, { inputs = [], outputTypes, write }: Body): GraphProto {
  const graph = create(GraphProtoSchema, { name: `body${serial++}`, input: [...inputs] });
  const builder = new GraphBuilder(graph);
  builder.reserve(around.graph);
  const outputs = write(builder);
  graph.output = outputs.map((name, i) => typed(name, outputTypes[i]!));
  // Fresh names are fresh in their own graph only; what the outer one makes later must not take them.
  around.reserve(graph);
  return graph;
}

function node(
  b: GraphBuilder,
  op: string,
  inputs: readonly string[],
  count: number,
  bodies: Record<string, GraphProto>,
) {
  const outputs = b.ops(op, inputs, count);
  b.graph.node.at(-1)!.attribute = Object.entries(bodies).map(([name, g]) =>
    create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.GRAPH, g }),
  );
  return outputs;
}

const truth = (b: GraphBuilder, value: boolean) => b.op('Cast', [b.intScalar(value ? 1 : 0)], { to: BOOL });

const point = (dims: readonly number[], seed = 1) => {
  const random = Random.of(seed, 'control');
  return { dims, data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.normal()) };
};

const model = (dims: readonly number[], write: (b: GraphBuilder) => readonly string[], seed = 1): Native => {
  const graph = graphOf(['N', ...dims.slice(1)], write);
  return { proto: protoOf(graph), graph, x: point(dims, seed) };
};

/** @param step of the differences: small where loops within loops bend the function. */
async function agrees(native: Native, step?: number): Promise<GraphProto> {
  const { graph, left } = await lower(native);
  expect(left).toEqual([]);
  for (const operator of ['If', 'Loop', 'Scan']) expect(operatorsOf(graph)).not.toContain(operator);
  expect(await numbersApart(native, graph)).toBeLessThan(1e-5);
  expect(await gradientApart(native, graph, step)).toBeLessThan(0.01);
  return graph;
}

const staysFor = async (native: Native) =>
  (await lower(native)).left.map(({ operator, reason }) => `${operator}: ${reason}`);

const branch = (b: GraphBuilder, write: (inner: GraphBuilder) => string) =>
  subgraph(b, { outputTypes: [FLOAT], write: (inner) => [write(inner)] });

/** `x` times `factor` if the condition holds, else its sine. */
const chosen = (b: GraphBuilder, condition: string, x = 'x') =>
  node(b, 'If', [condition], 1, {
    then_branch: branch(b, (i) => i.op('Mul', [x, i.scalar(3)])),
    else_branch: branch(b, (i) => i.op('Sin', [x])),
  })[0]!;

describe('If', () => {
  it.each([true, false])('takes the branch of a constant condition (%s)', async (value) => {
    await agrees(model([2, 3], (b) => [chosen(b, truth(b, value))]));
  });

  it('takes the branch that the shape of the data decides', async () => {
    const graph = await agrees(
      model([2, 3], (b) => {
        const size = b.op('Gather', [b.op('Shape', ['x']), b.intScalar(1)]);
        return [chosen(b, b.op('Equal', [size, b.intScalar(3)]))];
      }),
    );
    expect(operatorsOf(graph)).toContain('Mul');
  });

  it('inlines branches within branches, with names of the graphs around them', async () => {
    await agrees(
      model([2, 3], (b) => {
        const outer = b.op('Tanh', ['x']);
        const [y] = node(b, 'If', [truth(b, true)], 1, {
          then_branch: branch(b, (i) => {
            const within = i.op('Add', [outer, i.scalar(1)]);
            return i.op('Mul', [chosen(i, truth(i, false), within), outer]);
          }),
          else_branch: branch(b, (i) => i.op('Neg', ['x'])),
        });
        return [b.op('Exp', [y!])];
      }),
    );
  });

  it('gives a branch that only passes on what is around it', async () => {
    await agrees(
      model([2, 3], (b) => {
        const y = b.op('Sin', ['x']);
        const [first, second] = node(b, 'If', [truth(b, true)], 2, {
          then_branch: subgraph(b, {
            outputTypes: [FLOAT, FLOAT],
            write: (i) => {
              const same = i.op('Identity', [y]);
              return [same, i.op('Mul', [same, same])];
            },
          }),
          else_branch: subgraph(b, { outputTypes: [FLOAT, FLOAT], write: (i) => [i.op('Neg', [y]), i.op('Abs', [y])] }),
        });
        return [first!, second!];
      }),
    );
  });

  it('stays where the data decide, or the number of examples', async () => {
    const byData = model([2, 3], (b) => {
      const sum = b.op('ReduceSum', ['x'], { keepdims: 0 });
      return [chosen(b, b.op('Greater', [sum, b.scalar(0)]))];
    });
    expect(await staysFor(byData)).toEqual(['If: its condition depends on the data']);
    const byBatch = model([2, 3], (b) => {
      const size = b.op('Gather', [b.op('Shape', ['x']), b.intScalar(0)]);
      return [chosen(b, b.op('Equal', [size, b.intScalar(2)]))];
    });
    expect(await staysFor(byBatch)).toEqual(['If: its condition changes with the number of examples']);
    const byCount = model([2, 3], (b) => {
      const positive = b.op('NonZero', [b.op('Relu', ['x'])]);
      return [chosen(b, b.op('Greater', [b.op('Size', [positive]), b.intScalar(4)]))];
    });
    expect(await staysFor(byCount)).toEqual(['If: its condition depends on the data']);
  });

  it('off the path, it costs nothing and stays', async () => {
    const native = model([2, 3], (b) => [b.op('Relu', ['x']), chosen(b, truth(b, true), b.floats([1, 2]))]);
    expect((await lower(native)).graph).toBe(native.graph);
  });
});

const iteration = () => typed(`it${serial++}`, INT64, true);
const condition = () => typed(`go${serial++}`, BOOL, true);
const value = () => typed(`v${serial++}`, FLOAT);

interface LoopOptions {
  readonly trips?: (b: GraphBuilder) => string;
  readonly first?: (b: GraphBuilder) => string;
  /** The condition to go on: from the trip's number, the condition before and the state. */
  readonly goOn?: (b: GraphBuilder, trip: string, before: string, state: string) => string;
}

/** v ← sin(v)·w + trip, collecting v² ([trips, …]). */
function loop(b: GraphBuilder, x: string, { trips, first, goOn }: LoopOptions): [string, string] {
  const [it, go, v] = [iteration(), condition(), value()];
  const weight = b.floats([0.5, -1, 2]);
  const body = subgraph(b, {
    inputs: [it, go, v],
    outputTypes: [BOOL, FLOAT, FLOAT],
    write: (i) => {
      const trip = i.op('Cast', [it.name], { to: FLOAT });
      const next = i.op('Add', [i.op('Mul', [i.op('Sin', [v.name]), weight]), trip]);
      const on = goOn ? goOn(i, it.name, go.name, next) : i.op('Identity', [go.name]);
      return [on, next, i.op('Mul', [v.name, v.name])];
    },
  });
  return node(b, 'Loop', [trips?.(b) ?? '', first?.(b) ?? '', x], 2, { body }) as [string, string];
}

describe('Loop', () => {
  it('is unrolled over a constant trip count, with what it carries and collects', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        fc.nat(100),
        async (trips, withCondition, seed) => {
          await agrees(
            model(
              [2, 3],
              (b) => {
                const first = withCondition ? { first: (at: GraphBuilder) => truth(at, true) } : {};
                return loop(b, 'x', { trips: (at) => at.intScalar(trips), ...first });
              },
              seed,
            ),
          );
        },
      ),
      { numRuns: 6, seed: 1 },
    );
  });

  it('is unrolled where a condition on its own count ends it', async () => {
    const graph = await agrees(
      model([2, 3], (b) =>
        loop(b, 'x', {
          trips: (at) => at.constant({ type: 'int64', dims: [], data: BigInt64Array.of(2n ** 63n - 1n) }),
          first: (at) => truth(at, true),
          goOn: (at, trip) => at.op('Less', [trip, at.intScalar(3)]),
        }),
      ),
    );
    // Trips 0 to 3, of which the last decides to stop.
    expect(graph.node.filter((n) => n.opType === 'Sin')).toHaveLength(4);
  });

  it('is unrolled over a size of the data', async () => {
    await agrees(
      model([2, 3], (b) => {
        const size = b.op('Gather', [b.op('Shape', ['x']), b.intScalar(1)]);
        return loop(b, 'x', { trips: () => size });
      }),
    );
  });

  it('passes on what it was given when it makes no trip', async () => {
    await agrees(model([2, 3], (b) => [b.op('Cos', [loop(b, 'x', { trips: (at) => at.intScalar(0) })[0]])]));
    await agrees(
      model([2, 3], (b) => {
        const options = { trips: (at: GraphBuilder) => at.intScalar(5), first: (at: GraphBuilder) => truth(at, false) };
        return [b.op('Cos', [loop(b, 'x', options)[0]])];
      }),
    );
  });

  it('is unrolled within a loop, a branch within it too, and one after another', async () => {
    await agrees(
      model([2, 3], (b) => {
        const [it, go, v] = [iteration(), condition(), value()];
        const body = subgraph(b, {
          inputs: [it, go, v],
          outputTypes: [BOOL, FLOAT],
          write: (i) => {
            const even = i.op('Equal', [i.op('Mod', [it.name, i.intScalar(2)]), i.intScalar(0)]);
            const [inner] = loop(i, chosen(i, even, v.name), { trips: (at) => at.intScalar(2) });
            return [i.op('Identity', [go.name]), inner];
          },
        });
        const [outer] = node(b, 'Loop', [b.intScalar(3), '', 'x'], 1, { body });
        return [loop(b, outer!, { trips: (at) => at.intScalar(2) })[0]];
      }),
      5e-4,
    );
  });

  it('stays where the data decide', async () => {
    const byCount = model([2, 3], (b) => {
      const count = b.op('Cast', [b.op('ReduceMax', ['x'], { keepdims: 0 })], { to: INT64 });
      return [loop(b, 'x', { trips: () => count })[0]];
    });
    expect(await staysFor(byCount)).toEqual(['Loop: its trip count depends on the data']);
    const byState = model([2, 3], (b) => [
      loop(b, 'x', {
        trips: (at) => at.intScalar(4),
        first: (at) => truth(at, true),
        goOn: (at, _, __, state) => at.op('Less', [at.op('ReduceMax', [state], { keepdims: 0 }), at.scalar(9)]),
      })[0],
    ]);
    expect(await staysFor(byState)).toEqual(['Loop: its condition depends on the data']);
  });

  it('stays beyond 512 trips', async () => {
    const native = model([2, 3], (b) => [loop(b, 'x', { trips: (at) => at.intScalar(513) })[0]]);
    expect(await staysFor(native)).toEqual(['Loop: it makes more than 512 trips']);
  });

  it('of 10^12 trips is refused before it is run', async () => {
    const native = model([2, 3], (b) => [
      loop(b, 'x', {
        trips: (at) => at.constant({ type: 'int64', dims: [], data: BigInt64Array.of(10n ** 12n) }),
        first: (at) => truth(at, true),
      })[0],
    ]);
    const error = await lower(native).catch((thrown: unknown) => thrown);
    expect(RobustnessError.is(error, 'model/endless-loop')).toBe(true);
    expect(String(error)).toContain('1000000000000 trips');
  });

  it('stays where unrolling multiplies beyond measure', async () => {
    const native = model([2, 3], (b) => {
      const nested = (at: GraphBuilder, x: string, depth: number): string => {
        if (depth === 0) return at.op('Sin', [x]);
        const [it, go, v] = [iteration(), condition(), value()];
        const body = subgraph(at, {
          inputs: [it, go, v],
          outputTypes: [BOOL, FLOAT],
          write: (i) => [i.op('Identity', [go.name]), nested(i, v.name, depth - 1)],
        });
        return node(at, 'Loop', [at.intScalar(300), '', x], 1, { body })[0]!;
      };
      // 27 million trips: slow to run, but a few seconds at most.
      return [nested(b, 'x', 2)];
    });
    const { left } = await lower(native);
    expect(left.length).toBeGreaterThan(0);
    expect(new Set(left.map(({ reason }) => reason))).toEqual(
      new Set(['unrolled, the graph would have more than 50,000 operators']),
    );
  });
});

/** A running sum over slices of x that is also collected, and the slices' sines. */
function scan(b: GraphBuilder, options: ScanOptions): string[] {
  const [state, slice] = [value(), value()];
  const body = subgraph(b, {
    inputs: [state, slice],
    outputTypes: [FLOAT, FLOAT, FLOAT],
    write: (i) => {
      const next = i.op('Add', [i.op('Mul', [state.name, i.scalar(0.5)]), slice.name]);
      return [next, i.op('Tanh', [next]), i.op('Sin', [slice.name])];
    },
  });
  const start = b.op('ReduceSum', ['x', b.ints([options.axis])], { keepdims: 0 });
  const outputs = node(b, 'Scan', [start, 'x'], 3, { body });
  b.graph.node
    .at(-1)!
    .attribute.push(
      attributeProto('num_scan_inputs', 1),
      attributeProto('scan_input_axes', [options.axis]),
      attributeProto('scan_output_axes', [...options.outputAxes]),
      attributeProto('scan_input_directions', [options.backwards ? 1 : 0]),
      attributeProto('scan_output_directions', [options.outBackwards ? 1 : 0, 0]),
    );
  return outputs;
}

interface ScanOptions {
  readonly axis: number;
  readonly outputAxes: readonly [number, number];
  readonly backwards: boolean;
  readonly outBackwards: boolean;
}

describe('Scan', () => {
  it('is unrolled over any axis of the data that does not move', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          axis: fc.constantFrom(1, 2, -1, -2),
          outputAxes: fc.tuple(fc.integer({ min: -3, max: 2 }), fc.integer({ min: -3, max: 2 })),
          backwards: fc.boolean(),
          outBackwards: fc.boolean(),
        }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (options, p, q) => {
          await agrees(model([2, p, q], (b) => scan(b, options)));
        },
      ),
      { numRuns: 12, seed: 2 },
    );
  });

  it('over the examples stays', async () => {
    const options = { axis: 0, outputAxes: [0, 0] as const, backwards: false, outBackwards: false };
    const native = model([2, 2, 3], (b) => scan(b, options));
    expect(await staysFor(native)).toEqual(['Scan: its trip count changes with the number of examples']);
  });
});

describe('hostile control flow', () => {
  it('an If without a branch stays, by name', async () => {
    const native = model([2, 3], (b) => {
      const y = chosen(b, truth(b, false));
      const last = b.graph.node.at(-1) as NodeProto;
      last.attribute = last.attribute.filter((a) => a.name === 'then_branch');
      return [y];
    });
    const { left } = await lower(native);
    expect(left).toMatchObject([{ operator: 'If' }]);
  });

  it('2000 branches deep is refused when it is read', async () => {
    const [tag, bytes] = [(field: number) => (field << 3) | 2, (text: string) => new TextEncoder().encode(text)];
    const field = (number: number, value: Uint8Array) => {
      const length: number[] = [];
      for (let rest = value.length; ; rest >>>= 7) {
        if (rest < 128) {
          length.push(rest);
          break;
        }
        length.push((rest & 127) | 128);
      }
      return Buffer.concat([Buffer.of(tag(number), ...length), value]);
    };
    // GraphProto.node.attribute.g, over and over.
    let graph: Uint8Array = Buffer.concat([field(1, field(4, bytes('Relu'))), field(2, bytes('g'))]);
    for (let depth = 0; depth < 2000; depth++) {
      const attribute = Buffer.concat([field(1, bytes('then_branch')), field(6, graph)]);
      graph = field(1, Buffer.concat([field(4, bytes('If')), field(5, attribute)]));
    }
    const folder = await mkdtemp(path.join(tmpdir(), 'deep-'));
    const file = path.join(folder, 'deep.onnx');
    await writeFile(file, Buffer.concat([field(7, graph), field(8, Buffer.of(0x10, 18))]));
    const error = await prepareModel(file).catch((thrown: unknown) => thrown);
    expect(RobustnessError.is(error, 'model/not-onnx')).toBe(true);
    await rm(folder, { recursive: true });
  });

  it('takes names that a body shares with what is around it as its own', async () => {
    await agrees(
      model([2, 3], (b) => {
        const [it, go, v] = [iteration(), condition(), value()];
        const graph = create(GraphProtoSchema, { name: 'body', input: [it, go, v] });
        const inner = new GraphBuilder(graph);
        // The names that the lowering gives out itself.
        inner.named('Sin', [v.name], 'ri_Sin_0');
        inner.named('Mul', ['ri_Sin_0', v.name], 'ri_lifted_0');
        inner.named('Identity', [go.name], 'ri_inner_0');
        graph.output = [typed('ri_inner_0', BOOL), typed('ri_lifted_0', FLOAT)];
        return node(b, 'Loop', [b.intScalar(3), '', 'x'], 1, { body: graph });
      }),
    );
  });

  it('a graph of wild subgraphs gives a typed error or says what stays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('If', 'Loop', 'Scan'),
        fc.array(fc.constantFrom('', 'x', 'nowhere'), { maxLength: 4 }),
        fc.array(fc.constantFrom('body', 'then_branch', 'else_branch', 'other'), { maxLength: 2 }),
        fc.integer({ min: -2, max: 9 }),
        fc.integer({ min: 0, max: 4 }),
        async (op, inputs, bodies, slices, borders) => {
          const native = model([2, 3], (b) => {
            const wild = (name: string) => {
              const graph = create(GraphProtoSchema, {
                name,
                input: Array.from({ length: borders }, (_, i) => typed(`${name}_in${i}`, FLOAT)),
              });
              const inner = new GraphBuilder(graph);
              inner.named('Relu', ['x'], `${name}_out`);
              graph.output = Array.from({ length: borders }, () => typed(`${name}_out`, FLOAT));
              return graph;
            };
            const [y] = node(b, op, ['x', ...inputs], 1, Object.fromEntries(bodies.map((name) => [name, wild(name)])));
            b.graph.node.at(-1)!.attribute.push(attributeProto('num_scan_inputs', slices));
            return [y!];
          });
          const outcome = await lower(native).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(RobustnessError.is(outcome, 'model/')).toBe(true);
          else expect(outcome).toMatchObject({ left: [{ operator: op }] });
        },
      ),
      { numRuns: 80, seed: 9 },
    );
  });
});
