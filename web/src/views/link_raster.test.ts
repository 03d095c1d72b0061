// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { compose, LinkRaster } from './link_raster';

const column = (raster: LinkRaster, x: number) =>
  Array.from({ length: raster.height }, (_, y) => raster.cover[y * raster.width + x]!);
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

describe('links as pixels', () => {
  it('fill a level line by the part of each pixel', () => {
    const raster = new LinkRaster(4, 4);
    raster.draw(1.75, 1.75, 1, 0.5);
    for (let x = 0; x < 4; ++x) expect(column(raster, x)).toEqual([0, 0.375, 0.125, 0]);
  });

  it('leave and arrive at the height of their tokens', () => {
    const raster = new LinkRaster(200, 100);
    raster.draw(10, 90, 2, 1);
    const middle = (x: number) => sum(column(raster, x).map((part, y) => part * (y + 0.5))) / sum(column(raster, x));
    expect(middle(0)).toBeCloseTo(10, 1);
    expect(middle(199)).toBeCloseTo(90, 1);
    expect((middle(99) + middle(100)) / 2).toBeCloseTo(50, 3);
  });

  it('are as thick where they are steep', () => {
    const raster = new LinkRaster(100, 400);
    raster.draw(50, 350, 2, 1);
    // In the middle the slope is 1.5 * 300 / 100.
    expect(sum(column(raster, 50))).toBeCloseTo(2 * Math.hypot(1, 4.5), 1);
  });

  it('have gaps', () => {
    const raster = new LinkRaster(12, 1);
    raster.draw(0.5, 0.5, 1, 1, [3, 2]);
    expect([...raster.cover]).toEqual([1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1]);
  });

  it('cover each other without getting more than opaque, and stay inside', () => {
    const raster = new LinkRaster(2, 2);
    raster.draw(0, 0, 2, 0.5);
    raster.draw(0, 0, 2, 0.5);
    raster.draw(-50, -50, 2, 1);
    raster.draw(50, 50, 2, 1);
    expect([...raster.cover]).toEqual([0.75, 0.75, 0, 0]);
  });

  it('mix their colours, the last on top', () => {
    const pixels = new Uint8ClampedArray(12);
    const layer = (colour: [number, number, number], ...cover: number[]) => ({
      colour,
      cover: Float32Array.from(cover),
    });
    compose(pixels, [layer([255, 0, 0], 1, 0.5, 0), layer([0, 0, 255], 0.5, 0, 0)]);
    expect([...pixels]).toEqual([128, 0, 128, 255, 255, 0, 0, 128, 0, 0, 0, 0]);
  });
});
