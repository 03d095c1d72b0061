// SPDX-License-Identifier: Apache-2.0
/** Which cells a pixel shows, and what colour: the one description that both renderers follow. */
import { tableOf, thresholdsOf } from './color';
import type { Box, Look } from './renderer';

/** What is hidden shows through to the ground. */
const DIM_ALPHA = 51;

/** [begin, end) of cells for each pixel, one after another; begin = end where there is none. */
export type Ranges = Int32Array<ArrayBuffer>;

/**
 * Cells of each of `pixels` that show [first, last) of `count` cells. A pixel shows the cell under its middle; where
 * cells are smaller than pixels, all that begin in it, so that each cell is in one pixel.
 */
export function rangesOf(pixels: number, first: number, last: number, count: number): Ranges {
  const ranges = new Int32Array(2 * pixels);
  const step = (last - first) / pixels;
  for (let pixel = 0; pixel < pixels; ++pixel) {
    let begin = Math.floor(first + (pixel + 0.5) * step);
    let end = begin + 1;
    if (step > 1) {
      begin = Math.floor(first + pixel * step + 1e-6);
      end = Math.max(begin + 1, Math.floor(first + (pixel + 1) * step + 1e-6));
    }
    ranges[2 * pixel] = Math.min(count, Math.max(0, begin));
    ranges[2 * pixel + 1] = Math.min(count, Math.max(0, end));
  }
  return ranges;
}

/** Of a byte round(255 sqrt(w)) the thresholds of its step, in bytes. */
export function byteThresholds(look: Look): Float32Array<ArrayBuffer> {
  return thresholdsOf(look).map((threshold) => {
    let byte = 0;
    while (byte < 256 && Math.fround((byte / 255) ** 2) < threshold) ++byte;
    return byte;
  });
}

/** 512 colours with straight alpha: the 256 steps, and the same for what is hidden. */
export function colorsOf(look: Look): Uint8ClampedArray<ArrayBuffer> {
  const table = tableOf(look.palette);
  const colors = new Uint8ClampedArray(4 * 512);
  for (const [step, color] of table.entries()) {
    colors.set([...color, 255], 4 * step);
    colors.set([...color, DIM_ALPHA], 4 * (256 + step));
  }
  return colors;
}

/** A box in device pixels, whole ones. */
export function pixelBox(box: Box, ratio: number): Box {
  const [x, y] = [Math.round(box.x * ratio), Math.round(box.y * ratio)];
  return {
    x,
    y,
    width: Math.round((box.x + box.width) * ratio) - x,
    height: Math.round((box.y + box.height) * ratio) - y,
  };
}

/** Gives a canvas the pixels of its place on the screen. Returns pixels per CSS pixel. */
export function fitCanvas(canvas: HTMLCanvasElement): number {
  const ratio = globalThis.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio) || canvas.width;
  const height = Math.round(canvas.clientHeight * ratio) || canvas.height;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return ratio;
}
