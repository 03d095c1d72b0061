// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exactWeights } from '../data/weights';
import { DEFAULT_STATE } from '../state/defaults';
import { syntheticDocument } from '../testing/synthetic';
import { byteThresholds, pixelBox, rangesOf } from './cells';
import { cssColor, stepOf, tableOf, thresholdsOf } from './color';
import { lookOf } from './look';
import { paintCells } from './paint';
import type { Look, PaletteName, Transform } from './renderer';

it('the palettes are those of the file', () => {
  const file = JSON.parse(readFileSync(join(import.meta.dirname, 'palettes.json'), 'utf8')) as Record<string, string>;
  for (const [name, hex] of Object.entries(file)) {
    const colors = tableOf(name as PaletteName).map((rgb) => Buffer.from(rgb).toString('hex'));
    expect(colors.join('')).toBe(hex);
  }
});

const PALETTES: PaletteName[] = ['cividis', 'viridis', 'paper', 'difference'];
const TRANSFORMS: Transform[] = ['sqrt', 'linear', 'log'];

/** The step as it is defined, with a formula in place of thresholds. */
function stepByFormula(value: number, { palette, transform, top }: Look): number {
  const unsigned = (size: number) => {
    const part = Math.min(1, Math.max(0, size / top));
    if (transform === 'sqrt') return Math.sqrt(part);
    if (transform === 'linear') return part;
    return Math.max(0, 1 + Math.log10(Math.max(part, 1e-4)) / 4);
  };
  const half = unsigned(Math.abs(value)) / 2;
  const share = palette !== 'difference' ? unsigned(value) : value < 0 ? 0.5 - half : 0.5 + half;
  return Math.round(255 * share);
}

describe('the step of a value', () => {
  it.each(PALETTES.flatMap((palette) => TRANSFORMS.map((transform) => [palette, transform] as const)))(
    'is that of the formula: %s, %s',
    (palette, transform) => {
      for (const top of [1, 0.037]) {
        const look: Look = { palette, transform, top };
        const thresholds = thresholdsOf(look);
        let [edges, worst] = [0, 0];
        for (let i = -3000; i <= 3000; ++i) {
          const value = palette === 'difference' ? (i / 2500) * top : (Math.max(0, i) / 2500) ** 3 * top;
          const [step, expected] = [stepOf(Math.fround(value), thresholds), stepByFormula(value, look)];
          if (step !== expected) ++edges;
          worst = Math.max(worst, Math.abs(step - expected));
        }
        expect(worst).toBeLessThanOrEqual(1);
        expect(edges).toBeLessThan(6); // values within float32's rounding of a threshold
      }
    },
  );

  it('is defined where there is nothing to show', () => {
    for (const transform of TRANSFORMS) {
      expect(stepOf(0, thresholdsOf({ palette: 'cividis', transform, top: 0 }))).toBe(0);
      const middle = stepOf(0, thresholdsOf({ palette: 'difference', transform, top: 0 }));
      expect(tableOf('difference')[middle]).toEqual([255, 255, 255]);
      expect(stepOf(Number.NaN, thresholdsOf({ palette: 'cividis', transform, top: 1 }))).toBe(0);
    }
  });

  it('of a byte is that of its weight', () => {
    for (const transform of TRANSFORMS) {
      for (const top of [1, 0.2]) {
        const look: Look = { palette: 'cividis', transform, top };
        const bytes = Array.from({ length: 256 }, (_, byte) => byte);
        const [ofBytes, ofWeights] = [byteThresholds(look), thresholdsOf(look)];
        expect(bytes.map((byte) => stepOf(byte, ofBytes))).toEqual(
          bytes.map((byte) => stepOf(Math.fround((byte / 255) ** 2), ofWeights)),
        );
      }
    }
  });
});

it('colours are written for CSS', () => {
  expect(cssColor([1, 2, 255])).toBe('rgb(1 2 255)');
});

describe('the cells of a pixel', () => {
  const pairs = (ranges: Int32Array) =>
    Array.from({ length: ranges.length / 2 }, (_, i) => [ranges[2 * i], ranges[2 * i + 1]]);

  it('are the one under its middle where cells are larger', () => {
    expect(pairs(rangesOf(4, 0, 2, 2))).toEqual([
      [0, 1],
      [0, 1],
      [1, 2],
      [1, 2],
    ]);
    expect(pairs(rangesOf(3, 0, 2, 2))).toEqual([
      [0, 1],
      [1, 2],
      [1, 2],
    ]);
    expect(pairs(rangesOf(2, 0.5, 1.5, 2))).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it('are each in one pixel where they are smaller', () => {
    for (const [pixels, cells] of [
      [3, 7],
      [64, 512],
      [100, 333],
      [99, 100],
      [7, 7],
    ] as const) {
      const seen = pairs(rangesOf(pixels, 0, cells, cells)).flatMap(([begin, end]) =>
        Array.from({ length: end! - begin! }, (_, i) => begin! + i),
      );
      expect(seen).toEqual(Array.from({ length: cells }, (_, i) => i));
    }
  });

  it('are none outside the matrix', () => {
    expect(pairs(rangesOf(4, -1, 3, 2))).toEqual([
      [0, 0],
      [0, 1],
      [1, 2],
      [2, 2],
    ]);
  });
});

it('boxes that touch stay together in device pixels', () => {
  const left = pixelBox({ x: 0.3, y: 0, width: 10.3, height: 5 }, 1.5);
  const right = pixelBox({ x: 10.6, y: 0, width: 10.3, height: 5 }, 1.5);
  expect(left.x + left.width).toBe(right.x);
});

describe('paintCells', () => {
  const look: Look = { palette: 'cividis', transform: 'linear', top: 1 };
  const colors = Uint32Array.from({ length: 512 }, (_, i) => 1000 + i);
  const paint = (width: number, height: number, values: number[], size: number, hidden?: Uint8Array) => {
    const pixels = { width, height, words: new Uint32Array(width * height) };
    const cells = {
      values: Float32Array.from(values),
      rows: size,
      columns: size,
      thresholds: thresholdsOf(look),
      colors,
      hidden,
    };
    const box = { x: 0, y: 0, width, height };
    paintCells(pixels, box, cells, rangesOf(width, 0, size, size), rangesOf(height, 0, size, size));
    return [...pixels.words].map((word) => word - 1000);
  };

  it('repeats large cells', () => {
    expect(paint(4, 2, [0, 1, 0.2, 0.4], 2)).toEqual([0, 0, 255, 255, 51, 51, 102, 102]);
  });

  it('shows the largest of small cells', () => {
    const values = Array.from({ length: 16 }, (_, i) => i / 255);
    expect(paint(2, 2, values, 4)).toEqual([5, 7, 13, 15]);
  });

  it('dims what is hidden, and leaves it out of what is shown', () => {
    const hidden = Uint8Array.of(0, 0, 0, 1);
    const values = Array.from({ length: 16 }, (_, i) => i / 255);
    expect(paint(2, 2, values, 4, hidden)).toEqual([5, 6, 9, 10]);
    expect(paint(4, 4, values, 4, hidden).slice(8)).toEqual([8, 9, 10, 256 + 11, 268, 269, 270, 271]);
  });

  it('stays inside the picture', () => {
    const pixels = { width: 3, height: 3, words: new Uint32Array(9) };
    const cells = { values: Float32Array.of(1), rows: 1, columns: 1, thresholds: thresholdsOf(look), colors };
    const box = { x: 2, y: 2, width: 4, height: 4 };
    paintCells(pixels, box, cells, rangesOf(4, 0, 1, 1), rangesOf(4, 0, 1, 1));
    expect([...pixels.words]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1255]);
    paintCells(pixels, { ...box, x: -3, y: -3 }, cells, rangesOf(4, 0, 1, 1), rangesOf(4, 0, 1, 1));
    expect([...pixels.words]).toEqual([1255, 0, 0, 0, 0, 0, 0, 0, 1255]);
  });
});

describe('lookOf', () => {
  const { report } = syntheticDocument({ tokens: 6 });
  const n = report.tokens.text.length;
  const values = Float32Array.from({ length: n * n }, (_, i) => (i % n === 0 ? 0.9 : i / 1000));
  const state = { ...DEFAULT_STATE, unit: 'token' as const };

  it('takes the top from what is shown', () => {
    const weights = exactWeights(values, n, n);
    expect(lookOf(weights, report, state).top).toBeCloseTo(0.9);
    expect(lookOf(weights, report, { ...state, range: 'unit' }).top).toBe(1);
    const look = lookOf(weights, report, { ...state, special: 'hide' });
    expect(look.top).toBeCloseTo(((n - 1) * n - 2) / 1000);
    expect([...look.hidden!]).toEqual([1, 0, 0, 0, 0, 1]);
  });

  it('takes the percentile as figures do: the nearest rank', () => {
    const hundred = exactWeights(
      Float32Array.from({ length: 100 }, (_, i) => (i + 1) / 100),
      10,
      10,
    );
    expect(lookOf(hundred, report, { ...state, range: 'percentile' }).top).toBeCloseTo(0.99);
    const few = exactWeights(Float32Array.of(0.1, 0.4, 0.2), 1, 3);
    expect(lookOf(few, report, { ...state, range: 'percentile' }).top).toBeCloseTo(0.4);
  });
});
