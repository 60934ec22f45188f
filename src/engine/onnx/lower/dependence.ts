import type { GraphProto, NodeProto } from '../generated/onnx_pb';
import { generators } from '../generators';
import { isStandard } from '../opset';
import { subgraphsOf } from './inline';

/** Operators whose result has a shape that the values of any input decide. */
const shapedByValues = new Set([
  'Compress',
  'ConstantOfShape',
  'NonMaxSuppression',
  'NonZero',
  'OneHot',
  'Range',
  'StringSplit',
  'Unique',
]);

/** Operators whose result has a shape that the values of their further inputs decide: targets, axes, sizes. */
const shapedByArguments = new Set([
  'CenterCropPad',
  'Expand',
  'Pad',
  'Reshape',
  'Resize',
  'Slice',
  'Split',
  'Tile',
  'TopK',
  'Upsample',
]);

/**
 * Finds out which tensors' values depend on the values of `sources` (not merely on their shapes). Errs towards yes: a
 * tensor of another shape from run to run counts as another value.
 */
export function dependsOnValues(graph: GraphProto, sources: Iterable<string>): (name: string) => boolean {
  const marks = new Marks(sources);
  // Loops carry marks back to their own beginning: passes are repeated until nothing is added.
  for (let before = -1; before !== marks.size; ) {
    before = marks.size;
    for (const node of graph.node) visit(node, marks);
  }
  return (name) => marks.value(name);
}

class Marks {
  private readonly values;
  private readonly shapes = new Set<string>();

  constructor(sources: Iterable<string>) {
    this.values = new Set(sources);
  }

  get size(): number {
    return this.values.size + this.shapes.size;
  }

  value(name: string): boolean {
    return this.values.has(name) || this.shapes.has(name);
  }

  shape(name: string): boolean {
    return this.shapes.has(name);
  }

  add(name: string, value: boolean, shape: boolean): void {
    if (name === '') return;
    if (value) this.values.add(name);
    if (shape) this.shapes.add(name);
  }

  /** What `from` has, `to` has. */
  carry(from: string | undefined, to: string | undefined): void {
    if (from && to) this.add(to, this.values.has(from), this.shapes.has(from));
  }
}

function visit(node: NodeProto, marks: Marks): void {
  const [body] = subgraphsOf(node);
  if (isStandard(node) && body) {
    const course = { If: visitIf, Loop: visitLoop, Scan: visitScan }[node.opType];
    if (course) {
      course(node, body, marks);
      return;
    }
  }
  // What another domain does with a subgraph is unknown.
  const value = node.input.some((name) => marks.value(name)) || generators.has(node.opType) || body !== undefined;
  const shape = node.input.some((name) => marks.shape(name));
  if (isStandard(node) && (node.opType === 'Shape' || node.opType === 'Size')) {
    for (const name of node.output) marks.add(name, marks.shape(node.input[0] ?? ''), false);
    return;
  }
  const byValue =
    (shapedByValues.has(node.opType) && value) ||
    (shapedByArguments.has(node.opType) && node.input.slice(1).some((name) => marks.value(name)));
  for (const name of node.output) marks.add(name, value, shape || byValue || body !== undefined);
}

function visitIf(node: NodeProto, _: GraphProto, marks: Marks): void {
  const decided = marks.value(node.input[0] ?? '');
  for (const branch of subgraphsOf(node)) {
    for (const inner of branch.node) visit(inner, marks);
    for (const [i, name] of node.output.entries()) {
      marks.carry(branch.output[i]?.name, name);
      marks.add(name, decided, decided);
    }
  }
}

function visitLoop(node: NodeProto, body: GraphProto, marks: Marks): void {
  const carried = body.input.slice(2).map((info) => info.name);
  const [stop, ...results] = body.output.map((info) => info.name);
  for (const [i, name] of carried.entries()) {
    marks.carry(node.input[i + 2], name);
    marks.carry(results[i], name);
  }
  marks.carry(node.input[1], body.input[1]?.name);
  for (const inner of body.node) visit(inner, marks);
  const decided = [node.input[0], node.input[1], stop].some((name) => name && marks.value(name));
  for (const [i, name] of node.output.entries()) {
    if (i < carried.length) marks.carry(node.input[i + 2], name);
    marks.carry(results[i], name);
    marks.add(name, decided, decided);
  }
}

function visitScan(node: NodeProto, body: GraphProto, marks: Marks): void {
  const inner = body.input.map((info) => info.name);
  const results = body.output.map((info) => info.name);
  const slices = Number(node.attribute.find((a) => a.name === 'num_scan_inputs')?.i ?? 0n);
  const states = inner.length - slices;
  for (const [i, name] of inner.entries()) {
    marks.carry(node.input[i], name);
    if (i < states) marks.carry(results[i], name);
  }
  for (const node of body.node) visit(node, marks);
  const decided = node.input.slice(states).some((name) => marks.shape(name));
  for (const [i, name] of node.output.entries()) {
    if (i < states) marks.carry(node.input[i], name);
    marks.carry(results[i], name);
    marks.add(name, decided, decided);
  }
}
