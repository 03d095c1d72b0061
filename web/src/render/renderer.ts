// SPDX-License-Identifier: Apache-2.0
export type PaletteName = 'cividis' | 'viridis' | 'paper' | 'difference';
export type Transform = 'sqrt' | 'linear' | 'log';

/** From values to colours. */
export interface Look {
  palette: PaletteName;
  transform: Transform;
  /** Top of the scale. With the palette "difference" the scale runs from -top to top. */
  top: number;
  /** Columns (and rows) that are dimmed: hidden special tokens. Absent: none. */
  hidden?: Uint8Array;
}

/** Where in a canvas, in CSS pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Weights row by row. */
export interface Matrix {
  values: Float32Array;
  rows: number;
  columns: number;
}

/** A part of a matrix, in cells: [row0, row1) x [column0, column1), fractions allowed. */
export interface Window {
  row0: number;
  row1: number;
  column0: number;
  column1: number;
}

/**
 * Draws matrices of weights into plain canvases. There is one renderer a page: WebGL2, or Canvas2D where that is
 * missing. Both draw the same pixels.
 */
export interface Renderer {
  readonly kind: 'webgl2' | 'canvas2d';
  /** The thumbnails of a document: bytes round(255 sqrt(w)), [count, size, size]. Replaces the last ones. */
  setThumbnails(key: string, bytes: Uint8Array, count: number, size: number): void;
  /** Clears `canvas` and draws thumbnail `index` into each box. `canvas` is sized by its CSS size and the device's. */
  drawThumbnails(canvas: HTMLCanvasElement, key: string, cells: { index: number; box: Box }[], look: Look): void;
  /** Draws the window of a matrix over the whole canvas. Cells smaller than a pixel are max-pooled. */
  drawMatrix(canvas: HTMLCanvasElement, matrix: Matrix, window: Window, look: Look): void;
  dispose(): void;
}
