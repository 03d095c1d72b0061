// SPDX-License-Identifier: Apache-2.0
/** Numbers of weights as they are printed: no digit that is not known. */
import { isExact, type Weights } from './weights';

/** Bounds of numbers that were rounded lie exactly between two decimals. */
const EDGE = 3e-7;

/** "0.4312", fewer decimals where only those are certain, else a range such as "0.03 to 0.04". */
export function formatWeight(low: number, high: number): string {
  if (low === high) return fixed(low, 4);
  const [from, to] = high - low > 2 * EDGE ? [low + EDGE, high - EDGE] : [(low + high) / 2, (low + high) / 2];
  for (const decimals of [4, 3, 2]) {
    const text = fixed(from, decimals);
    if (text === fixed(to, decimals)) return text;
  }
  return `${fixed(Math.floor(from * 100) / 100, 2)} to ${fixed(Math.ceil(to * 100) / 100, 2)}`;
}

/** The weight of a cell as it is printed. */
export function weightText(weights: Weights, row: number, column: number): string {
  const at = row * weights.columns + column;
  return formatWeight(weights.low[at]!, weights.high[at]!);
}

export interface Rank {
  /** 1: the largest of its row. */
  rank: number;
  of: number;
  /** Whether the bounds allow no other rank. */
  certain: boolean;
}

/** Where a cell stands in its row; equal weights share the better rank. */
export function rankInRow(weights: Weights, row: number, column: number): Rank {
  const { columns, best, low, high } = weights;
  const from = row * columns;
  const at = from + column;
  let [rank, surely, perhaps] = [1, 1, 1];
  for (let other = from; other < from + columns; ++other) {
    if (other === at) continue;
    if (best[other]! > best[at]!) ++rank;
    if (low[other]! > high[at]!) ++surely;
    if (high[other]! > low[at]!) ++perhaps;
  }
  return { rank, of: columns, certain: isExact(weights) || surely === perhaps };
}

function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}
