import { create } from '@bufbuild/protobuf';
import { RobustnessError } from '../error';
import {
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
} from './generated/onnx_pb';
import { tensorBytes } from './weights';

/** A tensor known when the graph is built. Float types are widened to float32 or float64, integers to int64. */
export type Constant =
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'float64'; readonly dims: readonly number[]; readonly data: Float64Array }
  | { readonly type: 'int64'; readonly dims: readonly number[]; readonly data: BigInt64Array };

/** Bytes an element, for types whose size is fixed; absent for strings and sub-byte types. */
const elementSize: Partial<Record<TensorProto_DataType, number>> = {
  [TensorProto_DataType.FLOAT]: 4,
  [TensorProto_DataType.UINT8]: 1,
  [TensorProto_DataType.INT8]: 1,
  [TensorProto_DataType.UINT16]: 2,
  [TensorProto_DataType.INT16]: 2,
  [TensorProto_DataType.INT32]: 4,
  [TensorProto_DataType.INT64]: 8,
  [TensorProto_DataType.BOOL]: 1,
  [TensorProto_DataType.FLOAT16]: 2,
  [TensorProto_DataType.DOUBLE]: 8,
  [TensorProto_DataType.UINT32]: 4,
  [TensorProto_DataType.UINT64]: 8,
  [TensorProto_DataType.COMPLEX64]: 8,
  [TensorProto_DataType.COMPLEX128]: 16,
  [TensorProto_DataType.BFLOAT16]: 2,
};

/** Names of ONNX element types as ONNX Runtime and people write them. */
export function typeName(type: number): string {
  return (TensorProto_DataType[type] ?? `type ${type}`).toLowerCase();
}

/** Number of elements; 1 for a scalar. */
export function elementCount(dims: readonly (number | bigint)[]): number {
  return dims.reduce<number>((product, dim) => product * Number(dim), 1);
}

/**
 * Checks that a tensor holds as much data as its shape declares, so that nothing downstream allocates on a lie.
 *
 * @throws `model/bad-tensor`
 */
export function validateTensor(tensor: TensorProto): void {
  const bad = (what: string): never => {
    throw new RobustnessError(
      'model/bad-tensor',
      `Tensor "${tensor.name}" ${what}.`,
      'The file is damaged or was cut short; export or copy the model again.',
    );
  };
  if (tensor.dims.some((dim) => dim < 0n)) bad('declares a negative dimension');
  const count = tensor.dims.reduce((product, dim) => product * dim, 1n);
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) bad('declares more elements than can exist');
  const size = elementSize[tensor.dataType as TensorProto_DataType];
  if (tensor.rawData.byteLength > 0 && size !== undefined) {
    const declared = Number(count) * size;
    if (declared !== tensor.rawData.byteLength) {
      bad(`declares ${declared} bytes in shape [${tensor.dims.join(', ')}] but carries ${tensor.rawData.byteLength}`);
    }
    return;
  }
  const listed = Math.max(
    tensor.floatData.length,
    tensor.int32Data.length,
    tensor.int64Data.length,
    tensor.doubleData.length,
    tensor.uint64Data.length,
    tensor.stringData.length,
  );
  if (size !== undefined && tensor.rawData.byteLength === 0 && Number(count) !== listed) {
    bad(`declares ${count} elements in shape [${tensor.dims.join(', ')}] but carries ${listed}`);
  }
}

/** The values of a tensor, or undefined for types that gradients never meet (strings, complex, 4-bit). */
export function toConstant(tensor: TensorProto): Constant | undefined {
  return tensor.dataLocation === TensorProto_DataLocation.EXTERNAL ? deferred(tensor) : carried(tensor);
}

/** A weight in a file is read when its values are asked for, each time: most are asked for their shape alone. */
function deferred(tensor: TensorProto): Constant | undefined {
  const type = wideType(tensor.dataType);
  if (type === undefined) return undefined;
  const read = () => {
    const here = create(TensorProtoSchema, { dataType: tensor.dataType, dims: tensor.dims });
    here.rawData = tensorBytes(tensor) ?? new Uint8Array(0);
    return carried(here)!.data;
  };
  return {
    type,
    dims: tensor.dims.map(Number),
    get data() {
      return read();
    },
  } as Constant;
}

function wideType(type: number): Constant['type'] | undefined {
  switch (type) {
    case TensorProto_DataType.FLOAT:
    case TensorProto_DataType.FLOAT16:
    case TensorProto_DataType.BFLOAT16:
      return 'float32';
    case TensorProto_DataType.DOUBLE:
      return 'float64';
    case TensorProto_DataType.INT64:
    case TensorProto_DataType.INT32:
    case TensorProto_DataType.INT16:
    case TensorProto_DataType.INT8:
    case TensorProto_DataType.UINT8:
    case TensorProto_DataType.BOOL:
      return 'int64';
    default:
      return undefined;
  }
}

function carried(tensor: TensorProto): Constant | undefined {
  const dims = tensor.dims.map(Number);
  const raw = tensor.rawData.byteLength > 0 ? alignedCopy(tensor.rawData) : undefined;
  const ints = (values: Iterable<number | bigint>): Constant => ({
    type: 'int64',
    dims,
    data: BigInt64Array.from(values, (v) => BigInt(v)),
  });
  switch (tensor.dataType) {
    case TensorProto_DataType.FLOAT:
      return { type: 'float32', dims, data: raw ? new Float32Array(raw) : Float32Array.from(tensor.floatData) };
    case TensorProto_DataType.DOUBLE:
      return { type: 'float64', dims, data: raw ? new Float64Array(raw) : Float64Array.from(tensor.doubleData) };
    case TensorProto_DataType.FLOAT16: {
      const halves = raw ? new Uint16Array(raw) : Uint16Array.from(tensor.int32Data);
      return { type: 'float32', dims, data: halvesToFloats(halves) };
    }
    case TensorProto_DataType.BFLOAT16: {
      const tops = raw ? new Uint16Array(raw) : Uint16Array.from(tensor.int32Data);
      return { type: 'float32', dims, data: new Float32Array(Uint32Array.from(tops, (top) => top << 16).buffer) };
    }
    case TensorProto_DataType.INT64:
      return { type: 'int64', dims, data: raw ? new BigInt64Array(raw) : BigInt64Array.from(tensor.int64Data) };
    case TensorProto_DataType.INT32:
      return ints(raw ? new Int32Array(raw) : tensor.int32Data);
    case TensorProto_DataType.INT16:
      return ints(raw ? new Int16Array(raw) : tensor.int32Data);
    case TensorProto_DataType.INT8:
      return ints(raw ? new Int8Array(raw) : tensor.int32Data);
    case TensorProto_DataType.UINT8:
    case TensorProto_DataType.BOOL:
      return ints(raw ? new Uint8Array(raw) : tensor.int32Data);
    default:
      return undefined;
  }
}

/** A tensor holding `constant`, for use as an initializer or attribute. */
export function toTensorProto(name: string, constant: Constant): TensorProto {
  const dataType = {
    float32: TensorProto_DataType.FLOAT,
    float64: TensorProto_DataType.DOUBLE,
    int64: TensorProto_DataType.INT64,
  }[constant.type];
  return create(TensorProtoSchema, {
    name,
    dataType,
    dims: constant.dims.map(BigInt),
    rawData: new Uint8Array(constant.data.buffer, constant.data.byteOffset, constant.data.byteLength),
  });
}

/** IEEE 754 binary16 to number. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

let everyHalf: Float32Array | undefined;

/** IEEE 754 binary16 to float32, by a table of all 65,536: weights come by the million. */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  everyHalf ??= Float32Array.from({ length: 1 << 16 }, (_, half) => halfToFloat(half));
  const table = everyHalf;
  const result = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) result[i] = table[halves[i]!]!;
  return result;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Number to IEEE 754 binary16, rounding to nearest even. */
export function floatToHalf(value: number): number {
  float[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const exponent = (word >>> 23) & 0xff;
  let fraction = word & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  let half = exponent - 112;
  if (half >= 0x1f) return sign | 0x7c00;
  let shift = 13;
  if (half <= 0) {
    if (half < -10) return sign;
    fraction |= 0x800000;
    shift = 14 - half;
    half = 0;
  }
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const rounded = kept + (rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0);
  // A carry out of the fraction is a carry into the exponent, which is what rounding up to the next power of two means.
  return sign | ((half << 10) + rounded);
}

/** Raw data is a view at any offset into the file; typed arrays want alignment. (A Buffer's own slice does not copy.) */
function alignedCopy(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
