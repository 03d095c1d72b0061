// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { boxOf, cellAt, layoutGrid, moveInGrid } from './grid';

const ROOM = { left: 32, top: 20 };

describe('grid of thumbnails', () => {
  it('fills the width', () => {
    const grid = layoutGrid(882, 6, 12, ROOM);
    expect(grid.cell).toBe(65);
    expect(grid.width).toBe(32 + 12 * 65 + 11 * 6);
    expect(grid.height).toBe(20 + 6 * 65 + 5 * 6);
  });

  it('stays large enough to touch and scrolls instead', () => {
    const grid = layoutGrid(300, 24, 16, ROOM);
    expect(grid.cell).toBe(24);
    expect(grid.width).toBe(32 + 16 * 24 + 15 * 3);
  });

  it('finds the cell that is drawn at a point', () => {
    const grid = layoutGrid(882, 6, 12, ROOM);
    for (const [row, column] of [
      [0, 0],
      [3, 7],
      [5, 11],
    ] as const) {
      const box = boxOf(grid, row, column);
      expect(cellAt(grid, box.x + box.width / 2, box.y)).toEqual({ row, column, x: 0.5, y: 0 });
      expect(cellAt(grid, box.x + box.width + 1, box.y)).toBeNull();
    }
    expect(cellAt(grid, 10, 30)).toBeNull();
    expect(cellAt(grid, 40, 5)).toBeNull();
  });

  it('moves by keys and stops at the edges', () => {
    const at = { row: 2, column: 0 };
    expect(moveInGrid('ArrowUp', false, at, 6, 12)).toEqual({ row: 1, column: 0 });
    expect(moveInGrid('ArrowLeft', false, at, 6, 12)).toEqual({ row: 2, column: 0 });
    expect(moveInGrid('End', false, at, 6, 12)).toEqual({ row: 2, column: 11 });
    expect(moveInGrid('End', true, at, 6, 12)).toEqual({ row: 5, column: 11 });
    expect(moveInGrid('PageDown', false, at, 6, 12)).toEqual({ row: 5, column: 0 });
    expect(moveInGrid('a', false, at, 6, 12)).toBeNull();
  });
});
