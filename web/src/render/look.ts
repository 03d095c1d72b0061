// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import type { Weights } from '../data/weights';
import type { ViewState } from '../state/types';
import type { Look } from './renderer';

/** The look that the state asks for. Special tokens that are hidden do not count for the top of the scale. */
export function lookOf(weights: Weights, report: Report, state: ViewState): Look {
  const special = (state.unit === 'word' ? report.words : report.tokens).special;
  const out = state.special !== 'show' && special.length === weights.columns ? special : null;
  const look: Look = { palette: state.palette, transform: state.transform, top: topOf(weights, state.range, out) };
  if (out) look.hidden = Uint8Array.from(out, Number);
  return look;
}

const known = new WeakMap<Float32Array, Map<string, number>>();

/** The top of the scale; computed once for an array, a range and what is left out. */
function topOf(weights: Weights, range: ViewState['range'], out: readonly boolean[] | null): number {
  if (range === 'unit') return 1;
  const tops = known.get(weights.best) ?? new Map<string, number>();
  known.set(weights.best, tops);
  const key = `${range} ${out?.map(Number).join('') ?? ''}`;
  const top = tops.get(key) ?? computeTop(weights, range, out);
  tops.set(key, top);
  return top;
}

function computeTop(
  { rows, columns, best }: Weights,
  range: 'maximum' | 'percentile',
  out: readonly boolean[] | null,
): number {
  const sizes = new Float32Array(best.length);
  let count = 0;
  for (let row = 0; row < rows; ++row) {
    if (out?.[row] && rows === columns) continue;
    for (let column = 0; column < columns; ++column)
      if (!out?.[column]) sizes[count++] = Math.abs(best[row * columns + column]!);
  }
  if (count === 0) return 0;
  if (range === 'maximum') return sizes.subarray(0, count).reduce((a, b) => Math.max(a, b));
  return sizes.subarray(0, count).sort()[Math.ceil(0.99 * count - 1e-9) - 1]!;
}
