// SPDX-License-Identifier: Apache-2.0
import { type Ranges, rangesOf } from './cells';
import { stepOf } from './color';
import type { Box } from './renderer';

/** Numbers in rows, with what is needed to colour them. */
export interface Cells {
  values: Float32Array | Uint8Array;
  rows: number;
  columns: number;
  thresholds: Float32Array;
  /** RGBA as 32-bit words: 256 steps, and the same for what is hidden. */
  colors: Uint32Array;
  hidden?: Uint8Array | undefined;
}

/** Pixels, row by row. */
export interface Pixels {
  width: number;
  height: number;
  words: Uint32Array;
}

/** Paints cells into a box: into each pixel the largest (by size) of its cells that is not hidden. */
export function paintCells(pixels: Pixels, box: Box, cells: Cells, columns: Ranges, rows: Ranges): void {
  let painted = -1;
  for (let y = 0; y < box.height; ++y) {
    const at = (box.y + y) * pixels.width + box.x;
    if (box.y + y < 0 || box.y + y >= pixels.height) continue;
    const [begin, end] = [rows[2 * y]!, rows[2 * y + 1]!];
    if (painted >= 0 && begin === rows[2 * (painted - box.y)]! && end === rows[2 * (painted - box.y) + 1]!) {
      const from = painted * pixels.width + Math.max(0, box.x);
      const width = Math.min(pixels.width, box.x + box.width) - Math.max(0, box.x);
      pixels.words.copyWithin((box.y + y) * pixels.width + Math.max(0, box.x), from, from + width);
      continue;
    }
    paintLine(pixels, at, box, cells, columns, begin, end);
    painted = box.y + y;
  }
}

function paintLine(
  pixels: Pixels,
  at: number,
  box: Box,
  cells: Cells,
  columns: Ranges,
  begin: number,
  end: number,
): void {
  let color = 0;
  for (let x = 0; x < box.width; ++x) {
    const same = x > 0 && columns[2 * x] === columns[2 * x - 2] && columns[2 * x + 1] === columns[2 * x - 1];
    if (!same) color = colorOfRange(cells, begin, end, columns[2 * x]!, columns[2 * x + 1]!);
    if (box.x + x >= 0 && box.x + x < pixels.width) pixels.words[at + x] = color;
  }
}

function colorOfRange(cells: Cells, row0: number, row1: number, column0: number, column1: number): number {
  const { values, hidden } = cells;
  if (row0 >= row1 || column0 >= column1) return 0;
  let shown: number | undefined;
  let any: number | undefined;
  for (let row = row0; row < row1; ++row) {
    for (let column = column0; column < column1; ++column) {
      const value = values[row * cells.columns + column]!;
      if (any === undefined || Math.abs(value) > Math.abs(any)) any = value;
      if (hidden?.[row] || hidden?.[column]) continue;
      if (shown === undefined || Math.abs(value) > Math.abs(shown)) shown = value;
    }
  }
  if (shown !== undefined) return cells.colors[stepOf(shown, cells.thresholds)]!;
  return cells.colors[256 + stepOf(any!, cells.thresholds)]!;
}

/** All of `size` cells over so many pixels. */
export function wholeRanges(pixels: number, size: number): Ranges {
  return rangesOf(pixels, 0, size, size);
}
