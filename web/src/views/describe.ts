// SPDX-License-Identifier: Apache-2.0
import { rankInRow, weightText } from '../data/numbers';
import type { Weights } from '../data/weights';

/** Keeps a text that is read from right to left from turning what stands around it. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

/** `L3 H7  "Paris" -> "Angela"  0.4312  rank 2 of 14`; the rank only where it is certain. */
export function describeCell(
  head: string,
  weights: Weights,
  from: number,
  to: number,
  names: readonly string[],
): string {
  const pair = `“${isolated(names[from] ?? '')}” → “${isolated(names[to] ?? '')}”`;
  const { rank, of, certain } = rankInRow(weights, from, to);
  return [head, pair, weightText(weights, from, to), certain ? `rank ${rank} of ${of}` : ''].filter(Boolean).join('  ');
}
