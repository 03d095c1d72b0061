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

/** Half a unit of the fourth decimal: top_weights are rounded to it. */
const HALF = 0.00005;
/** Bounds are kept a little apart from the numbers they come from, for the rounding to float32. */
const SLACK = 1e-7;

export function exactWeights(values: Float32Array, rows: number, columns: number): Weights {
  return { rows, columns, best: values, low: values, high: values };
}

export function isExact(weights: Weights): boolean {
  return weights.low === weights.high;
}

/** The largest of each row: k of its columns, the largest first, and their weights times 10000. */
export interface TopOfRows {
  keys: Uint16Array;
  weights: Uint16Array;
  k: number;
}

/** From bytes round(255 sqrt(w)), and the largest of each row to four decimals. */
export function weightsOfBytes(bytes: Uint8Array, top: TopOfRows, rows: number, columns: number): Weights {
  const weights = emptyWeights(rows, columns);
  for (let i = 0; i < bytes.length; ++i) {
    const q = bytes[i]!;
    weights.best[i] = BYTE_BEST[q]!;
    weights.low[i] = BYTE_LOW[q]!;
    weights.high[i] = BYTE_HIGH[q]!;
  }
  for (let row = 0; row < rows; ++row) {
    const limit = smallestOfTop(top, row) + HALF + SLACK;
    for (let at = row * columns; at < (row + 1) * columns; ++at) narrow(weights, at, weights.best[at]!, 0, limit);
    for (let i = 0; i < top.k; ++i) {
      const at = row * columns + top.keys[row * top.k + i]!;
      const byte = bytes[at]!;
      const weight = top.weights[row * top.k + i]! / 10000;
      weights.high[at] = BYTE_HIGH[byte]!;
      narrow(weights, at, weight, weight - HALF - SLACK, weight + HALF + SLACK);
    }
  }
  return weights;
}

/** Takes further bounds into account; `best` is a number within them. */
function narrow(weights: Weights, at: number, best: number, low: number, high: number): void {
  weights.low[at] = Math.max(weights.low[at]!, low);
  weights.high[at] = Math.max(weights.low[at]!, Math.min(weights.high[at]!, high));
  weights.best[at] = Math.min(weights.high[at]!, Math.max(weights.low[at]!, best));
}

const byteBound = (q: number) => Math.min(1, Math.max(0, q / 255)) ** 2;
const BYTE_BEST = Float32Array.from({ length: 256 }, (_, q) => byteBound(q));
const BYTE_LOW = Float32Array.from({ length: 256 }, (_, q) => Math.max(0, byteBound(q - 0.5) - SLACK));
const BYTE_HIGH = Float32Array.from({ length: 256 }, (_, q) => Math.min(1, byteBound(q + 0.5) + SLACK));

/** From the largest of each row alone: what they leave of 1 is spread evenly, within what is possible. */
export function weightsOfTop(top: TopOfRows, rows: number, columns: number): Weights {
  const weights = emptyWeights(rows, columns);
  const others = columns - top.k;
  for (let row = 0; row < rows; ++row) {
    let [sum, low, high] = [0, 0, 0];
    for (let i = 0; i < top.k; ++i) {
      const weight = top.weights[row * top.k + i]! / 10000;
      sum += weight;
      low += Math.max(0, weight - HALF - SLACK);
      high += Math.min(1, weight + HALF + SLACK);
    }
    const largest = Math.min(smallestOfTop(top, row) + HALF + SLACK, Math.max(0, 1 - low) + SLACK);
    const smallest = Math.max(0, 1 - high - SLACK - (others - 1) * largest);
    const from = row * columns;
    const even = Math.min(largest, Math.max(smallest, Math.max(0, 1 - sum) / others));
    weights.best.fill(even, from, from + columns);
    weights.low.fill(smallest, from, from + columns);
    weights.high.fill(largest, from, from + columns);
    for (let i = 0; i < top.k; ++i) {
      const at = from + top.keys[row * top.k + i]!;
      const weight = top.weights[row * top.k + i]! / 10000;
      weights.best[at] = weight;
      weights.low[at] = Math.max(0, weight - HALF - SLACK);
      weights.high[at] = Math.min(1, weight + HALF + SLACK);
    }
  }
  return weights;
}

/** Adds up weights of one size and divides by their number. */
export class MeanOfWeights {
  #count = 0;
  #exact = true;
  #best: Float64Array;
  #low: Float64Array;
  #high: Float64Array;

  constructor(
    private readonly rows: number,
    private readonly columns: number,
  ) {
    this.#best = new Float64Array(rows * columns);
    this.#low = new Float64Array(rows * columns);
    this.#high = new Float64Array(rows * columns);
  }

  add(weights: Weights): void {
    ++this.#count;
    if (this.#exact && !isExact(weights)) {
      this.#exact = false;
      this.#low.set(this.#best);
      this.#high.set(this.#best);
    }
    addTo(this.#best, weights.best);
    if (this.#exact) return;
    addTo(this.#low, weights.low);
    addTo(this.#high, weights.high);
  }

  result(): Weights {
    const best = this.#divided(this.#best);
    if (this.#exact) return exactWeights(best, this.rows, this.columns);
    return {
      rows: this.rows,
      columns: this.columns,
      best,
      low: this.#divided(this.#low),
      high: this.#divided(this.#high),
    };
  }

  #divided(sum: Float64Array): Float32Array {
    return Float32Array.from(sum, (value) => value / this.#count);
  }
}

function addTo(sum: Float64Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; ++i) sum[i]! += values[i]!;
}

function smallestOfTop(top: TopOfRows, row: number): number {
  return top.k > 0 ? top.weights[(row + 1) * top.k - 1]! / 10000 : 1;
}

function emptyWeights(rows: number, columns: number): Weights {
  const size = rows * columns;
  return { rows, columns, best: new Float32Array(size), low: new Float32Array(size), high: new Float32Array(size) };
}
