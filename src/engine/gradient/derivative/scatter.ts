import { intAttribute, stringAttribute } from '../../onnx/attribute';
import { axisFromEnd, indicesWithSeeds } from '../adjoint/axis';
import { keepWhere } from '../emit';
import type { Rule, RuleContext } from '../rule';

/** Writing and reading at a scatter's indices, with or without the axis of seeds in front. */
interface Places {
  /** Puts `updates` (of the forward pass, or a constant of its shape) into `data`. */
  put(data: string, updates: string, reduction: 'none' | 'add' | 'mul'): string;
  /** What a tensor of the forward pass holds there. */
  take(tensor: string): string;
  /** What a gradient holds there. */
  takeGradient(g: string): string;
}

/** Data and updates of a scatter by its reduction; indices are inputs 1. */
function scatterRule(c: RuleContext, places: Places): (string | undefined)[] {
  const reduction = stringAttribute(c.node, 'reduction', 'none');
  switch (reduction) {
    case 'none':
      return overwritten(c, places);
    case 'add':
      return [c.g(), undefined, c.needs(2) ? places.takeGradient(c.g()) : undefined];
    case 'mul':
      return multiplied(c, places);
    case 'max':
    case 'min':
      return extreme(c, places);
    default:
      return c.unavailable(`its reduction "${reduction}" is not known`);
  }
}

const filled = (c: RuleContext, like: string, value: number) =>
  c.op('ConstantOfShape', [c.op('Shape', [like])], {
    value: { type: 'float32', dims: [1], data: Float32Array.of(value) },
  });

const isZero = (c: RuleContext, tensor: string) => c.op('Equal', [tensor, c.builder.scalar(0)]);

const asFloat = (c: RuleContext, condition: string) => c.op('Cast', [condition], { to: 1 });

/** Data shows where nothing was written. (Where an index repeats, ONNX leaves open which update is; all get the gradient.) */
function overwritten(c: RuleContext, places: Places): (string | undefined)[] {
  const data = () => {
    if (c.seeds === null) return places.put(c.g(), filled(c, c.x(2), 0), 'none');
    const shows = places.put(filled(c, c.x(0), 1), filled(c, c.x(2), 0), 'none');
    return c.op('Where', [isZero(c, shows), c.builder.scalar(0), c.g()]);
  };
  return [c.needs(0) ? data() : undefined, undefined, c.needs(2) ? places.takeGradient(c.g()) : undefined];
}

/**
 * y = data·Π updates. Each update's slope is the product of the others, which is y/update but where there are zeros: with
 * one zero among an element's updates, only that one has a slope; with more, none has.
 */
function multiplied(c: RuleContext, places: Places): (string | undefined)[] {
  const b = c.builder;
  const data = () => c.op('Mul', [c.g(), places.put(filled(c, c.x(0), 1), c.x(2), 'mul')]);
  const updates = () => {
    const zero = isZero(c, c.x(2));
    const safe = c.op('Where', [zero, b.scalar(1), c.x(2)]);
    const product = places.put(c.x(0), safe, 'mul');
    const zeros = places.take(places.put(filled(c, c.x(0), 0), asFloat(c, zero), 'add'));
    const others = c.op('Sub', [zeros, asFloat(c, zero)]);
    const slope = c.op('Div', [keepWhere(b, isZero(c, others), places.take(product)), safe]);
    return c.op('Mul', [places.takeGradient(c.g()), slope]);
  };
  return [c.needs(0) ? data() : undefined, undefined, c.needs(2) ? updates() : undefined];
}

/** Data and all updates that are the extreme share its gradient equally, as torch.scatter_reduce has it. */
function extreme(c: RuleContext, places: Places): (string | undefined)[] {
  const own = c.op('Equal', [c.x(0), c.y()]);
  const written = c.op('Equal', [c.x(2), places.take(c.y())]);
  const winners = places.put(asFloat(c, own), asFloat(c, written), 'add');
  const share = c.op('Div', [c.g(), winners]);
  return [
    c.needs(0) ? keepWhere(c.builder, own, share) : undefined,
    undefined,
    c.needs(2) ? keepWhere(c.builder, written, places.takeGradient(share)) : undefined,
  ];
}

/** A reduction is left out where there is none, which older opsets do not know. */
const reducing = (reduction: string): Record<string, string> => (reduction === 'none' ? {} : { reduction });

export const scatterND: Rule = (c) => {
  const rank = c.shapeOf(1).length;
  return scatterRule(c, {
    put: (data, updates, reduction) => c.op('ScatterND', [data, c.x(1), updates], reducing(reduction)),
    take: (tensor) => c.op('GatherND', [tensor, c.x(1)]),
    takeGradient: (g) =>
      c.seeds === null
        ? c.op('GatherND', [g, c.x(1)])
        : c.op('GatherND', [g, indicesWithSeeds(c, c.x(1), rank)], { batch_dims: 1 }),
  });
};

export const scatterElements: Rule = (c) => {
  const rank = c.shapeOf(1).length;
  const axis = axisFromEnd(c, intAttribute(c.node, 'axis', 0));
  return scatterRule(c, {
    put: (data, updates, reduction) =>
      c.op('ScatterElements', [data, c.x(1), updates], { axis, ...reducing(reduction) }),
    take: (tensor) => c.op('GatherElements', [tensor, c.x(1)], { axis }),
    takeGradient: (g) => c.op('GatherElements', [g, indicesWithSeeds(c, c.x(1), rank)], { axis }),
  });
};
