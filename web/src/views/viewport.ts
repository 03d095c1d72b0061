// SPDX-License-Identifier: Apache-2.0
import type { Window } from '../render/renderer';

/** What of a matrix is to be seen. Zoom 1 shows all of it; the window keeps the matrix's proportions. */
export interface Viewport {
  rows: number;
  columns: number;
  zoom: number;
  /** First row and column, fractions allowed. */
  row: number;
  column: number;
}

/** A cell grows to no more than this share of the picture. */
const CELLS_AT_LEAST = 4;

export function wholeMatrix(rows: number, columns: number): Viewport {
  return { rows, columns, zoom: 1, row: 0, column: 0 };
}

export function windowOf(view: Viewport): Window {
  return {
    row0: view.row,
    row1: view.row + view.rows / view.zoom,
    column0: view.column,
    column1: view.column + view.columns / view.zoom,
  };
}

/** Zooms so that the cell under a point (fractions of the picture) stays there. */
export function zoomAt(view: Viewport, factor: number, x: number, y: number): Viewport {
  const most = Math.max(1, Math.min(view.rows, view.columns) / CELLS_AT_LEAST);
  const zoom = Math.max(1, Math.min(most, view.zoom * factor));
  const shift = 1 / view.zoom - 1 / zoom;
  return clamped({
    ...view,
    zoom,
    row: view.row + y * view.rows * shift,
    column: view.column + x * view.columns * shift,
  });
}

/** Moves by fractions of the picture. */
export function panBy(view: Viewport, x: number, y: number): Viewport {
  return clamped({
    ...view,
    row: view.row + (y * view.rows) / view.zoom,
    column: view.column + (x * view.columns) / view.zoom,
  });
}

/** Moves as little as needed for the cell to be seen whole. */
export function showCell(view: Viewport, row: number, column: number): Viewport {
  const height = view.rows / view.zoom;
  const width = view.columns / view.zoom;
  return clamped({
    ...view,
    row: Math.min(row, Math.max(view.row, row + 1 - height)),
    column: Math.min(column, Math.max(view.column, column + 1 - width)),
  });
}

/** The cell under a point (fractions of the picture), or null outside. */
export function cellUnder(view: Viewport, x: number, y: number): { row: number; column: number } | null {
  if (x < 0 || y < 0 || x >= 1 || y >= 1) return null;
  const row = Math.floor(view.row + (y * view.rows) / view.zoom);
  const column = Math.floor(view.column + (x * view.columns) / view.zoom);
  return { row: Math.min(row, view.rows - 1), column: Math.min(column, view.columns - 1) };
}

export interface Label {
  index: number;
  /** Middle of its cell in pixels. */
  at: number;
}

/** Room that the text of a label needs across. */
const LABEL_PIXELS = 10;

/** Room for the longest of some labels, within limits. */
export function labelRoom(texts: readonly string[]): number {
  const longest = texts.reduce((most, text) => Math.max(most, [...text].length), 0);
  return Math.min(96, 12 + 6.5 * longest);
}

/**
 * Labels of rows or columns [begin, end) over `pixels`: all where each has room, else every 2nd, 5th, 10th, ... of the
 * matrix, so that they do not jump while panning.
 */
export function placeLabels(begin: number, end: number, pixels: number, need = LABEL_PIXELS): Label[] {
  const cell = pixels / (end - begin);
  const step = stepFor(need / cell);
  const labels: Label[] = [];
  for (let index = Math.ceil(Math.max(0, begin - 0.5) / step) * step; index + 0.5 < end; index += step)
    labels.push({ index, at: (index + 0.5 - begin) * cell });
  return labels;
}

/** The smallest of 1, 2, 5, 10, 20, 50, ... from `least` on. */
function stepFor(least: number): number {
  for (let decade = 1; ; decade *= 10) for (const step of [1, 2, 5]) if (decade * step >= least) return decade * step;
}

function clamped(view: Viewport): Viewport {
  const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));
  return {
    ...view,
    row: clamp(view.row, view.rows - view.rows / view.zoom),
    column: clamp(view.column, view.columns - view.columns / view.zoom),
  };
}
