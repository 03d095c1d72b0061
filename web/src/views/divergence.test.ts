// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { exactWeights, type Weights } from '../data/weights';
import { differenceOf, divergence, strongestChanges } from './divergence';

function exact(size: number, ...values: number[]): Weights {
  return exactWeights(Float32Array.from(values), size, size);
}
const SAME: [number, number][] = [
  [0, 0],
  [1, 1],
];

describe('difference of two heads', () => {
  it('is taken between words that stand for each other', () => {
    const left = exact(3, 0.5, 0.25, 0.25, 0, 1, 0, 0, 0, 1);
    const right = exact(2, 0.25, 0.75, 1, 0);
    const difference = differenceOf(left, right, [
      [0, 0],
      [2, 1],
    ]);
    expect([...difference.left]).toEqual([0.5, 0.25, 0, 1]);
    expect([...difference.right]).toEqual([0.25, 0.75, 1, 0]);
    expect([...difference.change]).toEqual([-0.25, 0.5, 1, -1]);
  });

  it('has divergence 0 for equal heads and ln 2 for heads with nothing in common', () => {
    const self = exact(2, 1, 0, 0, 1);
    expect(divergence(differenceOf(self, self, SAME))).toBe(0);
    expect(divergence(differenceOf(self, exact(2, 0, 1, 1, 0), SAME))).toBeCloseTo(Math.LN2, 12);
  });

  it('equals the formula', () => {
    const kl = (p: number[], m: number[]) => p.reduce((sum, value, i) => sum + value * Math.log(value / m[i]!), 0);
    const p = [0.75, 0.25];
    const q = [0.5, 0.5];
    const m = [0.625, 0.375];
    const expected = (kl(p, m) + kl(q, m)) / 2;
    const difference = differenceOf(exact(2, ...p, ...p), exact(2, ...q, ...q), SAME);
    expect(divergence(difference)).toBeCloseTo(expected, 12);
  });

  it('counts what goes to words without a partner', () => {
    const left = exact(2, 0.5, 0.5, 0.5, 0.5);
    const right = exact(2, 0.5, 0.5, 0, 1);
    const one: [number, number][] = [[1, 1]];
    expect(divergence(differenceOf(left, right, one))).toBeCloseTo(
      0.5 * (Math.log(0.5) + 0) - (0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)),
      12,
    );
    expect(divergence(differenceOf(left, right, []))).toBe(0);
  });

  it('lists the largest changes of both signs first', () => {
    const difference = differenceOf(exact(2, 0, 0.5, 0.9, 0.1), exact(2, 0.25, 0.25, 0.4, 0.1), SAME);
    expect(strongestChanges(difference, 2).map(({ row, column }) => [row, column])).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(strongestChanges(difference, 9)).toHaveLength(3);
  });
});
