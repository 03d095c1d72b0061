// SPDX-License-Identifier: Apache-2.0
import type { Weights } from '../data/weights';

export interface CellOf {
  row: number;
  column: number;
}

/** Whether a weight is known well enough to be drawn as a link and listed: within a factor of two. */
export function isKnown(weights: Weights, place: number): boolean {
  return weights.best[place]! > 0 && 2 * weights.low[place]! >= weights.high[place]!;
}

/** The largest weights that are known, of one row or (null) of all, the largest first. */
export function topCells(weights: Weights, count: number, row: number | null = null): CellOf[] {
  const begin = (row ?? 0) * weights.columns;
  const end = row === null ? weights.rows * weights.columns : begin + weights.columns;
  const places: number[] = [];
  for (let place = begin; place < end; ++place) {
    const value = weights.best[place]!;
    if (!isKnown(weights, place)) continue;
    if (places.length === count && value <= weights.best[places[count - 1]!]!) continue;
    places.splice(insertionPoint(weights.best, places, value), 0, place);
    if (places.length > count) places.pop();
  }
  return places.map((place) => ({ row: Math.floor(place / weights.columns), column: place % weights.columns }));
}

/** Behind the places whose values are as large or larger. */
function insertionPoint(values: Float32Array, places: number[], value: number): number {
  let first = 0;
  let last = places.length;
  while (first < last) {
    const middle = (first + last) >> 1;
    if (values[places[middle]!]! >= value) first = middle + 1;
    else last = middle;
  }
  return first;
}
