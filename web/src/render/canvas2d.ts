// SPDX-License-Identifier: Apache-2.0
import { byteThresholds, colorsOf, fitCanvas, pixelBox, rangesOf } from './cells';
import { thresholdsOf } from './color';
import { type Pixels, paintCells, wholeRanges } from './paint';
import type { Box, Look, Matrix, Renderer, Window } from './renderer';

interface Thumbnails {
  key: string;
  bytes: Uint8Array;
  count: number;
  size: number;
}

/** Draws with plain image data: slower, everywhere. */
export class Canvas2DRenderer implements Renderer {
  readonly kind = 'canvas2d';
  #thumbnails: Thumbnails | null = null;

  /** The key of the thumbnails that are there. */
  get thumbnails(): string | undefined {
    return this.#thumbnails?.key;
  }

  setThumbnails(key: string, bytes: Uint8Array, count: number, size: number): void {
    this.#thumbnails = { key, bytes, count, size };
  }

  drawThumbnails(canvas: HTMLCanvasElement, key: string, cells: { index: number; box: Box }[], look: Look): void {
    const thumbnails = this.#thumbnails;
    const ratio = fitCanvas(canvas);
    paintOn(canvas, (pixels) => {
      if (thumbnails?.key !== key) return;
      const { size, bytes, count } = thumbnails;
      const shared = { ...looksOf(look), thresholds: byteThresholds(look), rows: size, columns: size };
      for (const { index, box } of cells) {
        if (index < 0 || index >= count) continue;
        const values = bytes.subarray(index * size * size, (index + 1) * size * size);
        const place = pixelBox(box, ratio);
        const [across, down] = [wholeRanges(place.width, size), wholeRanges(place.height, size)];
        paintCells(pixels, place, { ...shared, values }, across, down);
      }
    });
  }

  drawMatrix(canvas: HTMLCanvasElement, matrix: Matrix, window: Window, look: Look): void {
    fitCanvas(canvas);
    paintOn(canvas, (pixels) => {
      const box = { x: 0, y: 0, width: pixels.width, height: pixels.height };
      const across = rangesOf(box.width, window.column0, window.column1, matrix.columns);
      const down = rangesOf(box.height, window.row0, window.row1, matrix.rows);
      paintCells(pixels, box, { ...matrix, ...looksOf(look), thresholds: thresholdsOf(look) }, across, down);
    });
  }

  dispose(): void {
    this.#thumbnails = null;
  }
}

function looksOf(look: Look): { colors: Uint32Array; hidden: Uint8Array | undefined } {
  return { colors: new Uint32Array(colorsOf(look).buffer), hidden: look.hidden };
}

function paintOn(canvas: HTMLCanvasElement, paint: (pixels: Pixels) => void): void {
  const context = canvas.getContext('2d');
  if (!context || canvas.width === 0 || canvas.height === 0) return;
  const image = context.createImageData(canvas.width, canvas.height);
  paint({ width: canvas.width, height: canvas.height, words: new Uint32Array(image.data.buffer) });
  context.putImageData(image, 0, 0);
}
