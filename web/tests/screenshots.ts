// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';

const FOLDER = join(import.meta.dirname, 'screenshots');
const FAILED = join(import.meta.dirname, '../../build/screenshots');
/** Pictures are compared in squares of so many pixels: fonts may be drawn a little differently. */
const SQUARE = 8;
const SQUARE_LIMIT = 40;
/** So large a part of the squares may differ. */
const SHARE_LIMIT = 0.01;

/**
 * What is wrong with a page beside the picture of that name; empty if it looks the same. With the environment variable
 * UPDATE_SCREENSHOTS the pictures are taken anew.
 */
export async function differs(page: Page, name: string): Promise<string> {
  const taken = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const path = join(FOLDER, `${name}.png`);
  if (process.env.UPDATE_SCREENSHOTS) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, taken);
    return '';
  }
  if (!existsSync(path)) return `${path} is missing: take it with UPDATE_SCREENSHOTS=1 and look at it`;
  const share = shareOfSquares(PNG.sync.read(readFileSync(path)), PNG.sync.read(taken));
  if (share <= SHARE_LIMIT) return '';
  mkdirSync(FAILED, { recursive: true });
  const failed = join(FAILED, `${name}.png`);
  writeFileSync(failed, taken);
  return `${(100 * share).toFixed(1)} % of the page differ from ${path}; see ${failed}`;
}

/** Part of the squares whose mean colours differ visibly; 1 for pictures of other sizes. */
export function shareOfSquares(left: PNG, right: PNG): number {
  if (left.width !== right.width || left.height !== right.height) return 1;
  let [different, all] = [0, 0];
  for (let y = 0; y + SQUARE <= left.height; y += SQUARE) {
    for (let x = 0; x + SQUARE <= left.width; x += SQUARE) {
      ++all;
      if (distance(meanColor(left, x, y), meanColor(right, x, y)) > SQUARE_LIMIT) ++different;
    }
  }
  return different / all;
}

function meanColor(image: PNG, left: number, top: number): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  for (let y = top; y < top + SQUARE; ++y) {
    for (let x = left; x < left + SQUARE; ++x) {
      const at = 4 * (y * image.width + x);
      for (let channel = 0; channel < 3; ++channel) sum[channel]! += image.data[at + channel]!;
    }
  }
  return sum.map((value) => value / SQUARE ** 2) as [number, number, number];
}

function distance(a: [number, number, number], b: [number, number, number]): number {
  return Math.max(...a.map((value, channel) => Math.abs(value - b[channel]!)));
}
