// SPDX-License-Identifier: Apache-2.0
import { MessageError } from '../data/source';

export type TypedArray = Float32Array | Uint8Array | Uint16Array | Int32Array;

export interface Tensor {
  shape: number[];
  data: TypedArray;
}

export type Tensors = Map<string, Tensor>;

const DTYPES = { F32: Float32Array, U8: Uint8Array, U16: Uint16Array, I32: Int32Array } as const;

/** Tensors of a safetensors file, as views of its bytes. Throws a MessageError for anything but a whole, dense file. */
export function readSafetensors(buffer: ArrayBuffer): Tensors {
  const { header, begin } = readHeader(buffer);
  const tensors: Tensors = new Map();
  const ranges: { name: string; begin: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, offsets } = readEntry(name, entry);
    const Kind = DTYPES[dtype];
    const length = shape.reduce((a, b) => a * b, 1);
    const at = begin + offsets[0];
    if (offsets[1] - offsets[0] !== length * Kind.BYTES_PER_ELEMENT)
      throw bad(`'${name}' has ${offsets[1] - offsets[0]} bytes, expected ${length * Kind.BYTES_PER_ELEMENT}`);
    if (begin + offsets[1] > buffer.byteLength)
      throw bad(`'${name}' ends at byte ${begin + offsets[1]} of ${buffer.byteLength}`);
    if (at % Kind.BYTES_PER_ELEMENT !== 0)
      throw bad(`'${name}' begins at byte ${at}, which is not aligned for ${dtype}`);
    tensors.set(name, { shape, data: new Kind(buffer, at, length) });
    ranges.push({ name, begin: offsets[0], end: offsets[1] });
  }
  checkDense(ranges, buffer.byteLength - begin);
  return tensors;
}

function readHeader(buffer: ArrayBuffer): { header: Record<string, unknown>; begin: number } {
  if (buffer.byteLength < 8) throw bad(`${buffer.byteLength} bytes, expected at least 8`);
  const size = new DataView(buffer).getBigUint64(0, true);
  if (size > BigInt(buffer.byteLength - 8)) throw bad(`a header of ${size} bytes in a file of ${buffer.byteLength}`);
  const begin = 8 + Number(size);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(buffer, 8, Number(size))));
  } catch {
    throw bad('the header is not JSON');
  }
  if (!isRecord(header)) throw bad('the header is not an object');
  return { header, begin };
}

function readEntry(name: string, entry: unknown) {
  if (!isRecord(entry)) throw bad(`'${name}' is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPES, dtype))
    throw bad(`'${name}' has the dtype ${JSON.stringify(dtype)}, expected one of ${Object.keys(DTYPES).join(', ')}`);
  if (!isSizes(shape)) throw bad(`'${name}' has the shape ${JSON.stringify(shape)}`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    throw bad(`'${name}' has the data_offsets ${JSON.stringify(offsets)}`);
  return { dtype: dtype as keyof typeof DTYPES, shape, offsets: offsets as [number, number] };
}

/** Every byte of the data belongs to one tensor. */
function checkDense(ranges: { name: string; begin: number; end: number }[], size: number): void {
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const range of ranges) {
    if (range.begin !== end) throw bad(`'${range.name}' begins at byte ${range.begin} of the data, expected ${end}`);
    end = range.end;
  }
  if (end !== size) throw bad(`${size - end} bytes behind the last tensor`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function bad(what: string): MessageError {
  return new MessageError(`safetensors: ${what}`, 'The data are damaged; write or load them again.');
}
