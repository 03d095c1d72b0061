// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { hiddenCells, overviewOf, pooledPlaces, rangeOfCell } from './overview';

describe('overview', () => {
  it('holds the cells of each head', () => {
    const data = Uint8Array.from({ length: 2 * 3 * 2 * 2 }, (_, i) => i * 10);
    const overview = overviewOf(new Map([['overview', { shape: [2, 3, 2, 2], data }]]));
    const { low, high } = rangeOfCell(overview, 1, 2, 1, 0);
    expect(low).toBeCloseTo((219.5 / 255) ** 2, 12); // byte 22
    expect(high).toBeCloseTo((220.5 / 255) ** 2, 12);
    expect(overview.weights.best[22]).toBeCloseTo((220 / 255) ** 2, 6);
    expect(rangeOfCell(overview, 0, 0, 0, 0).low).toBe(0);
  });

  it('refuses a part without it', () => {
    expect(() => overviewOf(new Map())).toThrow('no bytes');
  });

  it('pools token i into cell floor(i size / n)', () => {
    for (const [size, n] of [
      [64, 512],
      [64, 65],
      [64, 100],
      [9, 9],
    ] as const) {
      const cells = Array.from({ length: size }, (_, cell) => pooledPlaces(cell, size, n));
      expect(cells.flat()).toEqual(Array.from({ length: n }, (_, i) => i));
      cells.forEach((tokens, cell) => {
        for (const token of tokens) expect(Math.floor((token * size) / n)).toBe(cell);
      });
    }
  });

  it('hides cells of special tokens alone', () => {
    expect([...hiddenCells([true, false, false, true], 4, 'hide')]).toEqual([1, 0, 0, 1]);
    expect([...hiddenCells([true, false, false, true], 2, 'renormalise')]).toEqual([0, 0]);
    expect([...hiddenCells([true, false], 2, 'show')]).toEqual([0, 0]);
  });
});
