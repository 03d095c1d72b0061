// SPDX-License-Identifier: Apache-2.0
import type { Tensors } from '../contract/safetensors';
import { MessageError } from '../data/source';
import type { Weights } from '../data/weights';
import type { ViewState } from '../state/types';

/** Max-pooled matrices of all heads, bytes round(255 sqrt(w)) [layers, heads, size, size]. */
export interface Overview {
  layers: number;
  heads: number;
  size: number;
  bytes: Uint8Array;
  /** The same as numbers, one row: for the range of the scale. */
  weights: Weights;
}

const WEIGHT_OF_BYTE = Float32Array.from({ length: 256 }, (_, byte) => (byte / 255) ** 2);

export function overviewOf(part: Tensors): Overview {
  const tensor = part.get('overview');
  const [layers = 0, heads = 0, size = 0] = tensor?.shape ?? [];
  if (!(tensor?.data instanceof Uint8Array) || tensor.shape.length !== 4 || size === 0)
    throw new MessageError('overview: no bytes [layers, heads, size, size]', 'Export the text again.');
  const best = new Float32Array(tensor.data.length);
  for (let i = 0; i < best.length; ++i) best[i] = WEIGHT_OF_BYTE[tensor.data[i]!]!;
  return {
    layers,
    heads,
    size,
    bytes: tensor.data,
    weights: { rows: 1, columns: best.length, best, low: best, high: best },
  };
}

/** Between which numbers the largest weight of a pooled cell lies. */
export function rangeOfCell(
  overview: Overview,
  layer: number,
  head: number,
  row: number,
  column: number,
): { low: number; high: number } {
  const { heads, size, bytes } = overview;
  const byte = bytes[((layer * heads + head) * size + row) * size + column]!;
  return { low: (Math.max(0, byte - 0.5) / 255) ** 2, high: Math.min(1, ((byte + 0.5) / 255) ** 2) };
}

/** The tokens that lie in a cell: token i of n in cell floor(i size / n). */
export function pooledPlaces(cell: number, size: number, n: number): number[] {
  const first = Math.ceil((cell * n) / size);
  const last = Math.ceil(((cell + 1) * n) / size);
  return Array.from({ length: last - first }, (_, i) => first + i);
}

/** Cells that hold special tokens only, where these are hidden. */
export function hiddenCells(special: boolean[], size: number, shown: ViewState['special']): Uint8Array {
  return Uint8Array.from({ length: size }, (_, cell) => {
    if (shown === 'show') return 0;
    return pooledPlaces(cell, size, special.length).every((token) => special[token]) ? 1 : 0;
  });
}
