// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { cellUnder, panBy, placeLabels, showCell, wholeMatrix, windowOf, zoomAt } from './viewport';

describe('viewport of a matrix', () => {
  const whole = wholeMatrix(100, 100);

  it('shows all of it at first', () => {
    expect(windowOf(whole)).toEqual({ row0: 0, row1: 100, column0: 0, column1: 100 });
  });

  it('keeps the cell under the pointer while zooming', () => {
    const zoomed = zoomAt(whole, 4, 0.75, 0.25);
    expect(windowOf(zoomed)).toEqual({ row0: 18.75, row1: 43.75, column0: 56.25, column1: 81.25 });
    expect(cellUnder(zoomed, 0.75, 0.25)).toEqual(cellUnder(whole, 0.75, 0.25));
  });

  it('zooms out to the whole and in to four cells', () => {
    expect(zoomAt(zoomAt(whole, 4, 0.9, 0.9), 0.01, 0.1, 0.1)).toEqual(whole);
    const near = windowOf(zoomAt(whole, 1e6, 0.5, 0.5));
    expect(near.row1 - near.row0).toBe(4);
    expect(zoomAt(wholeMatrix(3, 3), 8, 0, 0)).toEqual(wholeMatrix(3, 3));
  });

  it('does not leave the matrix', () => {
    const zoomed = zoomAt(whole, 2, 0, 0);
    expect(panBy(zoomed, -1, -1)).toEqual(zoomed);
    expect(windowOf(panBy(zoomed, 9, 0.5))).toEqual({ row0: 25, row1: 75, column0: 50, column1: 100 });
  });

  it('moves as little as needed to show a cell', () => {
    const zoomed = panBy(zoomAt(whole, 10, 0, 0), 5, 5);
    expect(windowOf(zoomed).row0).toBe(50);
    expect(showCell(zoomed, 55, 55)).toEqual(zoomed);
    expect(windowOf(showCell(zoomed, 60, 49))).toEqual({ row0: 51, row1: 61, column0: 49, column1: 59 });
  });

  it('finds no cell outside', () => {
    expect(cellUnder(whole, 1, 0.5)).toBeNull();
    expect(cellUnder(whole, 0.5, -0.01)).toBeNull();
    expect(cellUnder(whole, 0.999, 0)).toEqual({ row: 0, column: 99 });
  });
});

describe('labels', () => {
  it('stand on every cell that has room', () => {
    expect(placeLabels(0, 4, 40)).toEqual([0, 1, 2, 3].map((index) => ({ index, at: index * 10 + 5 })));
  });

  it('are evenly thinned where there is less room than 10 px', () => {
    const indices = placeLabels(0, 100, 300).map((label) => label.index);
    expect(indices).toEqual(Array.from({ length: 20 }, (_, i) => i * 5));
  });

  it('stay on the same cells while panning', () => {
    expect(placeLabels(7.5, 107.5, 300)[0]).toEqual({ index: 10, at: 9 });
  });
});
