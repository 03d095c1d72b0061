// SPDX-License-Identifier: Apache-2.0
import type { Weights } from '../data/weights';
import { isKnown } from './cells';

/** Links between the two columns of tokens of one head, the order of the rows. */
export interface Links {
  from: number[];
  to: number[];
  weight: number[];
  /** Rows whose known weights do not reach the mass: a file with data "topk" holds the largest only. */
  shortRows: number;
  /** Links to columns that are out of view. */
  outside: number;
}

/** What is drawn: the share of each row, and the tokens that are left out of rows and columns. */
export interface LinkOptions {
  mass: number;
  hidden?: readonly boolean[] | null;
  /** Columns [first, last) that are in view; absent: all. */
  inView?: { first: number; last: number } | null;
}

/**
 * Of each row the largest weights, until they sum to `mass` of what is not hidden. Weights of which only a bound is
 * known are never links.
 */
export function linksFromRows(
  weights: Weights,
  rows: Iterable<number>,
  { mass, hidden = null, inView = null }: LinkOptions,
): Links {
  const links: Links = { from: [], to: [], weight: [], shortRows: 0, outside: 0 };
  const sorter = new RowSorter(weights, hidden);
  for (const row of rows) {
    if (hidden?.[row]) continue;
    const wanted = mass * sumOfRow(weights, row, hidden);
    const order = sorter.sort(row);
    let sum = 0;
    for (const column of order) {
      if (sum >= wanted) break;
      const weight = weights.best[row * weights.columns + column]!;
      sum += weight;
      if (inView && (column < inView.first || column >= inView.last)) ++links.outside;
      else append(links, row, column, weight);
    }
    // Sums of many floats: less than a printed digit short is not short.
    if (sum < wanted - 1e-4) ++links.shortRows;
  }
  return links;
}

/** The links of all rows that end at `column`: those that linksFromRows would draw. */
export function linksToColumn(weights: Weights, column: number, { mass, hidden = null }: LinkOptions): Links {
  const links: Links = { from: [], to: [], weight: [], shortRows: 0, outside: 0 };
  if (hidden?.[column]) return links;
  for (let row = 0; row < weights.rows; ++row) {
    const weight = weights.best[row * weights.columns + column]!;
    if (hidden?.[row] || !isKnown(weights, row * weights.columns + column)) continue;
    if (sumBefore(weights, row, column, hidden) < mass * sumOfRow(weights, row, hidden))
      append(links, row, column, weight);
  }
  return links;
}

function append(links: Links, from: number, to: number, weight: number): void {
  links.from.push(from);
  links.to.push(to);
  links.weight.push(weight);
}

type Hidden = readonly boolean[] | null;

function sumOfRow(weights: Weights, row: number, hidden: Hidden): number {
  let sum = 0;
  for (let column = 0; column < weights.columns; ++column)
    if (!hidden?.[column]) sum += weights.best[row * weights.columns + column]!;
  return sum;
}

/** Sum of the links of a row that come before the one to `column`. */
function sumBefore(weights: Weights, row: number, column: number, hidden: Hidden): number {
  const weight = weights.best[row * weights.columns + column]!;
  let sum = 0;
  for (let other = 0; other < weights.columns; ++other) {
    const place = row * weights.columns + other;
    const value = weights.best[place]!;
    const isBefore = value > weight || (value === weight && other < column);
    if (isBefore && !hidden?.[other] && isKnown(weights, place)) sum += value;
  }
  return sum;
}

/**
 * Sorts the columns of a row without a comparison function, which takes ten times as long: the bits of floats from 0 on
 * are in the order of their values, so bits * 2^16 + column is one number to sort, exact in a double.
 */
class RowSorter {
  private readonly keys: Float64Array;
  private readonly float = new Float32Array(1);
  private readonly bits = new Uint32Array(this.float.buffer);

  constructor(
    private readonly weights: Weights,
    private readonly hidden: Hidden,
  ) {
    this.keys = new Float64Array(weights.columns);
  }

  /** Columns that may be links, the largest weight first; of equal weights the first column first. */
  sort(row: number): number[] {
    const { columns, best } = this.weights;
    let count = 0;
    for (let column = 0; column < columns; ++column) {
      const place = row * columns + column;
      if (this.hidden?.[column] || !isKnown(this.weights, place)) continue;
      this.float[0] = best[place]!;
      this.keys[count++] = this.bits[0]! * 65536 + (65535 - column);
    }
    const sorted = this.keys.subarray(0, count).sort();
    return Array.from(sorted, (key) => 65535 - (key % 65536)).reverse();
  }
}
