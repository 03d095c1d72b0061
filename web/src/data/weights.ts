// SPDX-License-Identifier: Apache-2.0
/**
 * Attention between tokens or words, of one head or a mean of many, as far as it is known.
 *
 * low and high enclose each weight; they are equal (and the same array) where it is known exactly. `best` is what is
 * drawn. Row-major, rows x columns.
 */
export interface Weights {
  readonly rows: number;
  readonly columns: number;
  readonly best: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
}
