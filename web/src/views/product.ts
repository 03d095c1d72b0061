// SPDX-License-Identifier: Apache-2.0
import type { Tensors } from '../contract/safetensors';

/** How one weight comes about: softmax over the keys of query * key / sqrt(head_dim). */
export interface Product {
  query: Float32Array;
  key: Float32Array;
  /** query * key, element by element. */
  terms: Float32Array;
  /** Elements by the size of their term, the largest first. */
  order: number[];
  sum: number;
  scale: number;
  /** For each key: the scaled sum and what the softmax makes of it. */
  scores: Float64Array;
  weights: Float64Array;
}

/** Queries and keys [n, head_dim] of one head of a part "states.L". */
export interface HeadStates {
  query: Float32Array;
  key: Float32Array;
  tokens: number;
  size: number;
}

/** Null if the part holds no queries and keys of that head. */
export function statesOfHead(states: Tensors, head: number): HeadStates | null {
  const query = states.get('query');
  const key = states.get('key');
  const [heads = 0, tokens = 0, size = 0] = query?.shape ?? [];
  if (!(query?.data instanceof Float32Array) || !(key?.data instanceof Float32Array) || head >= heads) return null;
  const begin = head * tokens * size;
  const end = begin + tokens * size;
  return { query: query.data.subarray(begin, end), key: key.data.subarray(begin, end), tokens, size };
}

export function productOf(states: HeadStates, from: number, to: number): Product {
  const query = rowOf(states.query, from, states.size);
  const key = rowOf(states.key, to, states.size);
  const terms = query.map((value, i) => value * key[i]!);
  const order = Array.from(terms.keys()).sort((a, b) => Math.abs(terms[b]!) - Math.abs(terms[a]!) || a - b);
  const scale = Math.sqrt(states.size);
  const scores = Float64Array.from(
    { length: states.tokens },
    (_, token) => dot(query, rowOf(states.key, token, states.size)) / scale,
  );
  return { query, key, terms, order, sum: dot(query, key), scale, scores, weights: softmax(scores) };
}

/** Sums of the terms in `order`, one after another: how soon the largest few make the whole. */
export function runningSums(product: Product): number[] {
  let sum = 0;
  return product.order.map((i) => {
    sum += product.terms[i]!;
    return sum;
  });
}

export function softmax(scores: Float64Array): Float64Array {
  const top = scores.reduce((most, score) => Math.max(most, score), -Infinity);
  const powers = scores.map((score) => Math.exp(score - top));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}

function rowOf(matrix: Float32Array, row: number, size: number): Float32Array {
  return matrix.subarray(row * size, (row + 1) * size);
}

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; ++i) sum += left[i]! * right[i]!;
  return sum;
}
