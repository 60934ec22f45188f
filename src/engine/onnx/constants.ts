import type { GraphProto } from './generated/onnx_pb';
import { type Constant, toConstant } from './tensor';

/** Values of all initializers that can be read, by name. Lazily converted: weights are large. */
export class Constants {
  private readonly cache = new Map<string, Constant | undefined>();
  private readonly byName;

  constructor(graph: GraphProto) {
    this.byName = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  get(name: string): Constant | undefined {
    if (!this.cache.has(name)) {
      const tensor = this.byName.get(name);
      this.cache.set(name, tensor && toConstant(tensor));
    }
    return this.cache.get(name);
  }
}
