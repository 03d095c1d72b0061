// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { exactWeights } from '../data/weights';
import { isKnown, topCells } from './cells';

const TWO = exactWeights(Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125), 2, 3);

describe('cells of a head', () => {
  it('are listed from the largest, equal ones in the order of the matrix', () => {
    const names = (cells: { row: number; column: number }[]) => cells.map(({ row, column }) => `${row}${column}`);
    expect(names(topCells(TWO, 4))).toEqual(['11', '00', '01', '02']);
    expect(names(topCells(TWO, 9, 1))).toEqual(['11', '10', '12']);
    expect(names(topCells(TWO, 1, 0))).toEqual(['00']);
  });

  it('are not listed where they are hardly known', () => {
    const low = Float32Array.of(0, 0.2, 0, 0, 0.3, 0);
    expect(topCells({ ...TWO, low }, 9)).toEqual([{ row: 0, column: 1 }]);
  });

  it('are known within a factor of two', () => {
    const bounds = (low: number, best: number, high: number) => ({
      ...exactWeights(Float32Array.of(best), 1, 1),
      low: Float32Array.of(low),
      high: Float32Array.of(high),
    });
    expect(isKnown(bounds(0.1, 0.15, 0.2), 0)).toBe(true);
    expect(isKnown(bounds(0.09, 0.15, 0.2), 0)).toBe(false);
    expect(isKnown(bounds(0, 0, 0), 0)).toBe(false);
  });
});
