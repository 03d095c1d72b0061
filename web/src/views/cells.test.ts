// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Weights } from '../data/weights';
import { rankInRow, topCells, transposed } from './cells';

const values = Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125);
const TWO: Weights = { rows: 2, columns: 3, best: values, low: values, high: values };

describe('cells of a head', () => {
  it('have a rank in their row', () => {
    expect([0, 1, 2].map((column) => rankInRow(TWO, 1, column))).toEqual([2, 1, 3]);
  });

  it('are listed from the largest, equal ones in the order of the matrix', () => {
    const names = (cells: { row: number; column: number }[]) => cells.map(({ row, column }) => `${row}${column}`);
    expect(names(topCells(TWO, 4))).toEqual(['11', '00', '01', '02']);
    expect(names(topCells(TWO, 9, 1))).toEqual(['11', '10', '12']);
    expect(names(topCells(TWO, 1, 0))).toEqual(['00']);
  });

  it('are not listed where only a bound is known', () => {
    const low = Float32Array.of(0, 0.25, 0, 0, 0, 0);
    expect(topCells({ ...TWO, low }, 9)).toEqual([{ row: 0, column: 1 }]);
  });

  it('change places when rows become columns', () => {
    const turned = transposed(TWO);
    expect([...turned.best]).toEqual([0.5, 0.125, 0.25, 0.75, 0.25, 0.125]);
    expect(turned.low).toBe(turned.best);
    expect(transposed(turned).best).toEqual(TWO.best);
  });
});
