import type { GraphProto, NodeProto } from '../onnx/generated/onnx_pb';
import type { RuleContext } from './rule';

/**
 * Input i where its integers are the same in every run: an initializer, or computed from initializers and shapes alone.
 * What merely came out equal in the observed runs (the index of a maximum, say) may be another for other data.
 */
export function fixedIntegers(c: RuleContext, i: number): readonly number[] | undefined {
  const name = c.node.input[i];
  if (!name) return undefined;
  if (c.constant(i)) return c.integers(i);
  const seen = c.integers(i);
  return seen && !dependsOnData(c.builder.graph, name) ? seen : undefined;
}

const random = ['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Bernoulli', 'Multinomial'];

function dependsOnData(graph: GraphProto, name: string): boolean {
  const makers = new Map<string, NodeProto>(graph.node.flatMap((node) => node.output.map((out) => [out, node])));
  const constants = new Set(graph.initializer.map((tensor) => tensor.name));
  const seen = new Set<string>();
  const waiting = [name];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === '' || seen.has(next) || constants.has(next)) continue;
    seen.add(next);
    const maker = makers.get(next);
    // A graph input, or whatever a subgraph or a random generator made.
    if (!maker || maker.attribute.some((attribute) => attribute.g) || random.includes(maker.opType)) return true;
    if (maker.opType !== 'Shape' && maker.opType !== 'Size') waiting.push(...maker.input);
  }
  return false;
}
