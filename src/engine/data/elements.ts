/** Element types of arrays in files. */
export type ElementType = 'f2' | 'f4' | 'f8' | 'i1' | 'i2' | 'i4' | 'i8' | 'u1' | 'u2' | 'u4' | 'u8' | 'b1';

export interface ElementFormat {
  readonly type: ElementType;
  readonly littleEndian: boolean;
}

export function bytesOf(type: ElementType): number {
  return Number(type.slice(1));
}

/** How element `index` of bytes in this format reads; 64-bit integers beyond 2^53 are rounded. */
export function elementReader({ type, littleEndian }: ElementFormat): (view: DataView, index: number) => number {
  switch (type) {
    case 'u1':
    case 'b1':
      return (view, i) => view.getUint8(i);
    case 'i1':
      return (view, i) => view.getInt8(i);
    case 'u2':
      return (view, i) => view.getUint16(2 * i, littleEndian);
    case 'i2':
      return (view, i) => view.getInt16(2 * i, littleEndian);
    case 'f2':
      return (view, i) => fromHalf(view.getUint16(2 * i, littleEndian));
    case 'u4':
      return (view, i) => view.getUint32(4 * i, littleEndian);
    case 'i4':
      return (view, i) => view.getInt32(4 * i, littleEndian);
    case 'f4':
      return (view, i) => view.getFloat32(4 * i, littleEndian);
    case 'u8':
      return (view, i) => Number(view.getBigUint64(8 * i, littleEndian));
    case 'i8':
      return (view, i) => Number(view.getBigInt64(8 * i, littleEndian));
    case 'f8':
      return (view, i) => view.getFloat64(8 * i, littleEndian);
  }
}

/** IEEE 754 binary16 bits to a number. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
