// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Tensors } from '../contract/safetensors';
import { productOf, runningSums, softmax, statesOfHead } from './product';

// Two heads, two tokens, four elements.
const STATES: Tensors = new Map([
  ['query', { shape: [2, 2, 4], data: Float32Array.of(...new Array(8).fill(9), 1, 2, -3, 0, 0, 0, 0, 1) }],
  ['key', { shape: [2, 2, 4], data: Float32Array.of(...new Array(8).fill(9), 4, 1, 1, 5, 0, 0, 2, 1) }],
]);

describe('product of query and key', () => {
  const states = statesOfHead(STATES, 1)!;

  it('takes the rows of the head', () => {
    const product = productOf(states, 0, 1);
    expect([...product.query]).toEqual([1, 2, -3, 0]);
    expect([...product.key]).toEqual([0, 0, 2, 1]);
  });

  it('sorts the terms by size, whatever their sign', () => {
    const product = productOf(states, 0, 0);
    expect([...product.terms]).toEqual([4, 2, -3, 0]);
    expect(product.order).toEqual([0, 2, 1, 3]);
    expect(runningSums(product)).toEqual([4, 1, 3, 3]);
    expect(product.sum).toBe(3);
  });

  it('divides by the root of the size and takes the softmax over all keys', () => {
    const product = productOf(states, 0, 0);
    expect([...product.scores]).toEqual([1.5, -3]);
    expect(product.weights[0]).toBeCloseTo(1 / (1 + Math.exp(-4.5)), 12);
    expect(product.weights[0]! + product.weights[1]!).toBeCloseTo(1, 12);
  });

  it('takes the softmax of large scores', () => {
    expect([...softmax(Float64Array.of(1000, 1000))]).toEqual([0.5, 0.5]);
  });

  it('knows when there is nothing of a head', () => {
    expect(statesOfHead(STATES, 2)).toBeNull();
    expect(statesOfHead(new Map(), 0)).toBeNull();
  });
});
