// SPDX-License-Identifier: Apache-2.0
/** Weights in another shape: by words, without special tokens, turned around. */
import type { Range, Report } from '../contract/report';
import type { ViewState } from '../state/types';
import { isExact, type Weights } from './weights';

/** To the unit and the treatment of special tokens that the state asks for. */
export function shapeWeights(weights: Weights, report: Report, state: Pick<ViewState, 'unit' | 'special'>): Weights {
  const byWord = state.unit === 'word';
  const shaped = byWord ? toWords(weights, report.words.tokens) : weights;
  if (state.special !== 'renormalise') return shaped;
  return withoutColumns(shaped, byWord ? report.words.special : report.tokens.special);
}

/**
 * To a word: the sum over its pieces. From a word: the mean over its pieces (Clark et al. 2019).
 * A word's tokens are [first, last).
 */
export function toWords(weights: Weights, words: Range[]): Weights {
  return mapped(weights, words.length, words.length, (values) => {
    const result = new Float32Array(words.length * words.length);
    words.forEach(([firstRow, lastRow], row) => {
      words.forEach(([firstColumn, lastColumn], column) => {
        let sum = 0;
        for (let r = firstRow; r < lastRow; ++r)
          for (let c = firstColumn; c < lastColumn; ++c) sum += values[r * weights.columns + c]!;
        result[row * words.length + column] = sum / (lastRow - firstRow);
      });
    });
    return result;
  });
}

/** Columns that are left out become 0 and each row is divided by what is left of it. */
export function withoutColumns(weights: Weights, out: readonly boolean[]): Weights {
  const { rows, columns } = weights;
  /** Of each value its share of itself and the others. */
  const ratios = (value: Float32Array, others: Float32Array) => {
    const result = new Float32Array(rows * columns);
    for (let row = 0; row < rows; ++row) {
      let sum = 0;
      for (let c = 0; c < columns; ++c) if (!out[c]) sum += others[row * columns + c]!;
      for (let c = 0; c < columns; ++c) {
        const at = row * columns + c;
        const whole = value === others ? sum : sum - others[at]! + value[at]!;
        if (!out[c] && whole > 0) result[at] = Math.min(1, value[at]! / whole);
      }
    }
    return result;
  };
  const best = ratios(weights.best, weights.best);
  if (isExact(weights)) return { rows, columns, best, low: best, high: best };
  // A share is smallest where its own weight is and the others are largest, and the other way round.
  return { rows, columns, best, low: ratios(weights.low, weights.high), high: ratios(weights.high, weights.low) };
}

/** Rows become columns. */
export function transposed(weights: Weights): Weights {
  const { rows, columns } = weights;
  return mapped(weights, columns, rows, (values) => {
    const result = new Float32Array(rows * columns);
    for (let r = 0; r < rows; ++r) for (let c = 0; c < columns; ++c) result[c * rows + r] = values[r * columns + c]!;
    return result;
  });
}

/** The same change of the values and of their bounds; it must keep their order. */
function mapped(
  weights: Weights,
  rows: number,
  columns: number,
  change: (values: Float32Array) => Float32Array,
): Weights {
  const best = change(weights.best);
  if (isExact(weights)) return { rows, columns, best, low: best, high: best };
  return { rows, columns, best, low: change(weights.low), high: change(weights.high) };
}
