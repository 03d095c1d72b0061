// SPDX-License-Identifier: Apache-2.0
import { formatWeight } from '../data/numbers';

/** A score to the digits that are certain. */
export function scoreText(scores: { low: ArrayLike<number>; high: ArrayLike<number> }, place: number): string {
  const [low, high] = [scores.low[place] ?? Number.NaN, scores.high[place] ?? Number.NaN];
  return Number.isNaN(low) ? '—' : formatWeight(low, high).replace('-', '−');
}

/** With its sign, the minus as wide as the plus. */
export function signed(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** Three digits that matter, without an exponent where that is short. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-4 || size >= 1e5) return value.toExponential(1).replaceAll('-', '−');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3).replace('-', '−');
}
