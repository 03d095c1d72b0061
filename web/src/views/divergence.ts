// SPDX-License-Identifier: Apache-2.0
import type { Weights } from '../data/weights';
import type { Pairs } from './alignment';

/** Attention between the words that two sides have in common, and its difference. Row-major, size x size. */
export interface Difference {
  size: number;
  left: Float32Array;
  right: Float32Array;
  /** right - left. */
  change: Float32Array;
}

export function differenceOf(left: Weights, right: Weights, pairs: Pairs): Difference {
  const size = pairs.length;
  const rows = { left: new Float32Array(size * size), right: new Float32Array(size * size) };
  pairs.forEach(([leftFrom, rightFrom], row) => {
    pairs.forEach(([leftTo, rightTo], column) => {
      rows.left[row * size + column] = left.best[leftFrom * left.columns + leftTo]!;
      rows.right[row * size + column] = right.best[rightFrom * right.columns + rightTo]!;
    });
  });
  return { size, ...rows, change: rows.right.map((value, i) => value - rows.left[i]!) };
}

/**
 * Jensen-Shannon divergence of two heads in nats, the mean over the rows: 0 for equal rows, ln 2 for rows with nothing
 * in common. What goes to words without a partner counts as one more word.
 */
export function divergence(difference: Difference): number {
  const { size, left, right } = difference;
  if (size === 0) return 0;
  let sum = 0;
  for (let row = 0; row < size; ++row) sum += divergenceOfRow(left, right, row * size, size);
  return sum / size;
}

function divergenceOfRow(left: Float32Array, right: Float32Array, begin: number, size: number): number {
  let sum = 0;
  let leftRest = 1;
  let rightRest = 1;
  for (let i = begin; i < begin + size; ++i) {
    sum += divergenceTerm(left[i]!, right[i]!);
    leftRest -= left[i]!;
    rightRest -= right[i]!;
  }
  return Math.max(0, sum + divergenceTerm(Math.max(0, leftRest), Math.max(0, rightRest)));
}

function divergenceTerm(p: number, q: number): number {
  if (p === q) return 0;
  return 0.5 * (timesLogarithm(p) + timesLogarithm(q)) - timesLogarithm(0.5 * (p + q));
}

function timesLogarithm(value: number): number {
  return value > 0 ? value * Math.log(value) : 0;
}

export interface Change {
  row: number;
  column: number;
  change: number;
}

/** The places that differ most, the largest first. */
export function strongestChanges(difference: Difference, count: number): Change[] {
  const found: Change[] = [];
  difference.change.forEach((change, i) => {
    if (change === 0) return;
    if (found.length === count && Math.abs(change) <= Math.abs(found[count - 1]!.change)) return;
    const place = found.findIndex((other) => Math.abs(other.change) < Math.abs(change));
    const entry = { row: Math.floor(i / difference.size), column: i % difference.size, change };
    found.splice(place < 0 ? found.length : place, 0, entry);
    found.length = Math.min(found.length, count);
  });
  return found;
}
