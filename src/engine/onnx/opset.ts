import type { ModelProto, NodeProto } from './generated/onnx_pb';

/** Rules and rewrites are written once, for this version of ai.onnx; older graphs are brought up to it. */
export const targetOpset = 18;

export function isStandardDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

export function isStandard(node: NodeProto): boolean {
  return isStandardDomain(node.domain);
}

/** `Relu`, `com.microsoft:Gelu`: how reports name operators. */
export function operatorName(node: NodeProto): string {
  return isStandard(node) ? node.opType : `${node.domain}:${node.opType}`;
}

/** Version of ai.onnx that the model imports. */
export function standardOpset(model: ModelProto): number {
  return Number(model.opsetImport.find((entry) => isStandardDomain(entry.domain))?.version ?? 1n);
}
