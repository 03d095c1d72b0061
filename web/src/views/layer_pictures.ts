// SPDX-License-Identifier: Apache-2.0
import type { Tensors } from '../contract/safetensors';

/** A square matrix of one layer, or of two, from the overview. */
export interface Picture {
  values: Float32Array;
  size: number;
}

/** The matrices of a tensor [layers, s, s]; none if the part does not hold it. */
export function picturesOf(tensors: Tensors, name: string): Picture[] {
  const tensor = tensors.get(name);
  const [layers = 0, size = 0] = tensor?.shape ?? [];
  if (!(tensor?.data instanceof Float32Array)) return [];
  const data = tensor.data;
  return Array.from({ length: layers }, (_, i) => ({
    values: data.subarray(i * size * size, (i + 1) * size * size),
    size,
  }));
}

/** Each but the first minus the one before it. */
export function differences(pictures: Picture[]): Picture[] {
  return pictures.slice(1).map((picture, i) => ({
    values: picture.values.map((value, at) => value - pictures[i]!.values[at]!),
    size: picture.size,
  }));
}

/** The largest size of any value; the one that 1 % are above with `percentile`. */
export function topOf(pictures: Picture[], range: 'unit' | 'maximum' | 'percentile'): number {
  if (range === 'unit') return 1;
  const sizes = pictures.flatMap((picture) => Array.from(picture.values, Math.abs)).sort((a, b) => b - a);
  return sizes[range === 'percentile' ? Math.floor(sizes.length / 100) : 0] ?? 0;
}

/** The tokens [first, last] that cell i of `size` stands for. */
export function tokensOf(i: number, size: number, tokens: number): [number, number] {
  return [Math.ceil((i * tokens) / size), Math.ceil(((i + 1) * tokens) / size) - 1];
}
