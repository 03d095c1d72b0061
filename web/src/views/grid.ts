// SPDX-License-Identifier: Apache-2.0
import type { Box } from '../render/renderer';

/** Geometry of the grid of thumbnails, in CSS pixels. */
export interface Grid {
  rows: number;
  columns: number;
  cell: number;
  gap: number;
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface GridOptions {
  /** Room for the titles of rows and columns. */
  left: number;
  top: number;
}

/** Smaller is no target for a finger (WCAG 2.5.8), larger shows no more. */
const MIN_CELL = 24;
const MAX_CELL = 96;
const WIDE_GAP = 6;
const NARROW_GAP = 3;

/** Cells that fill the width; where they would be too small, the grid is wider than that and scrolls. */
export function layoutGrid(width: number, rows: number, columns: number, { left, top }: GridOptions): Grid {
  const fitting = (gap: number) => Math.floor((width - left - (columns - 1) * gap) / columns);
  const gap = fitting(WIDE_GAP) < 2 * MIN_CELL ? NARROW_GAP : WIDE_GAP;
  const cell = Math.max(MIN_CELL, Math.min(MAX_CELL, fitting(gap)));
  const size = (cells: number) => cells * (cell + gap) - gap;
  return { rows, columns, cell, gap, left, top, width: left + size(columns), height: top + size(rows) };
}

export function boxOf(grid: Grid, row: number, column: number): Box {
  const step = grid.cell + grid.gap;
  return { x: grid.left + column * step, y: grid.top + row * step, width: grid.cell, height: grid.cell };
}

export interface GridPlace {
  row: number;
  column: number;
  /** Where in the cell, from 0 to 1. */
  x: number;
  y: number;
}

/** The cell at a point, or null between and beside cells. */
export function cellAt(grid: Grid, x: number, y: number): GridPlace | null {
  const step = grid.cell + grid.gap;
  const column = Math.floor((x - grid.left) / step);
  const row = Math.floor((y - grid.top) / step);
  if (row < 0 || row >= grid.rows || column < 0 || column >= grid.columns) return null;
  const box = boxOf(grid, row, column);
  const place = { row, column, x: (x - box.x) / grid.cell, y: (y - box.y) / grid.cell };
  return place.x < 1 && place.y < 1 ? place : null;
}

/** Row and column after an arrow, Home or End (with Ctrl: first or last of all); null for other keys. */
export function moveInGrid(
  key: string,
  ctrl: boolean,
  at: { row: number; column: number },
  rows: number,
  columns: number,
): { row: number; column: number } | null {
  const clamp = (value: number, size: number) => Math.max(0, Math.min(size - 1, value));
  const to = (row: number, column: number) => ({ row: clamp(row, rows), column: clamp(column, columns) });
  switch (key) {
    case 'ArrowUp':
      return to(at.row - 1, at.column);
    case 'ArrowDown':
      return to(at.row + 1, at.column);
    case 'ArrowLeft':
      return to(at.row, at.column - 1);
    case 'ArrowRight':
      return to(at.row, at.column + 1);
    case 'PageUp':
      return to(at.row - 10, at.column);
    case 'PageDown':
      return to(at.row + 10, at.column);
    case 'Home':
      return to(ctrl ? 0 : at.row, 0);
    case 'End':
      return to(ctrl ? rows - 1 : at.row, columns - 1);
    default:
      return null;
  }
}
