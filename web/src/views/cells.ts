// SPDX-License-Identifier: Apache-2.0
import type { Weights } from '../data/weights';

export interface CellOf {
  row: number;
  column: number;
}

/** Of a row the place of `column` among the weights, the largest first, from 1. */
export function rankInRow(weights: Weights, row: number, column: number): number {
  const begin = row * weights.columns;
  const weight = weights.best[begin + column]!;
  let rank = 1;
  for (let other = 0; other < weights.columns; ++other) {
    const value = weights.best[begin + other]!;
    if (value > weight || (value === weight && other < column)) ++rank;
  }
  return rank;
}

/** The largest weights that are known, of one row or (null) of all, the largest first. */
export function topCells(weights: Weights, count: number, row: number | null = null): CellOf[] {
  const begin = (row ?? 0) * weights.columns;
  const end = row === null ? weights.rows * weights.columns : begin + weights.columns;
  const places: number[] = [];
  for (let place = begin; place < end; ++place) {
    const value = weights.best[place]!;
    if (weights.low[place]! <= 0 || value <= 0) continue;
    if (places.length === count && value <= weights.best[places[count - 1]!]!) continue;
    places.splice(insertionPoint(weights.best, places, value), 0, place);
    if (places.length > count) places.pop();
  }
  return places.map((place) => ({ row: Math.floor(place / weights.columns), column: place % weights.columns }));
}

/** Rows become columns: who looks at a token is then read along a row. */
export function transposed(weights: Weights): Weights {
  const turn = (values: Float32Array) => {
    const turned = new Float32Array(values.length);
    for (let row = 0; row < weights.rows; ++row)
      for (let column = 0; column < weights.columns; ++column)
        turned[column * weights.rows + row] = values[row * weights.columns + column]!;
    return turned;
  };
  const best = turn(weights.best);
  return {
    rows: weights.columns,
    columns: weights.rows,
    best,
    low: weights.low === weights.best ? best : turn(weights.low),
    high: weights.high === weights.best ? best : turn(weights.high),
  };
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
