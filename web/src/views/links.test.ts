// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { exactWeights, type Weights } from '../data/weights';
import { linksFromRows, linksToColumn } from './links';

function exact(rows: number[][]): Weights {
  return exactWeights(Float32Array.from(rows.flat()), rows.length, rows[0]!.length);
}

const THREE = exact([
  [0.5, 0.25, 0.25],
  [0.125, 0.75, 0.125],
  [0, 1, 0],
]);

describe('links', () => {
  it('takes the largest of a row until the mass is reached', () => {
    const links = linksFromRows(THREE, [0, 1], { mass: 0.7 });
    expect(links.from).toEqual([0, 0, 1]);
    expect(links.to).toEqual([0, 1, 1]); // of two equal weights the first
    expect(links.weight).toEqual([0.5, 0.25, 0.75]);
    expect(links.shortRows).toBe(0);
  });

  it('draws no link of weight 0 even for the whole mass', () => {
    expect(linksFromRows(THREE, [2], { mass: 1 }).to).toEqual([1]);
  });

  it('draws what is known and counts the rows that are too short', () => {
    const weights: Weights = {
      rows: 1,
      columns: 4,
      best: Float32Array.of(0.4, 0.2, 0.2, 0.2),
      low: Float32Array.of(0.4, 0, 0, 0),
      high: Float32Array.of(0.4, 0.4, 0.4, 0.4),
    };
    const links = linksFromRows(weights, [0], { mass: 0.7 });
    expect(links.to).toEqual([0]);
    expect(links.shortRows).toBe(1);
    expect(linksFromRows(weights, [0], { mass: 0.4 }).shortRows).toBe(0);
  });

  it('leaves hidden tokens out of rows and columns', () => {
    const hidden = [true, false, false];
    const links = linksFromRows(THREE, [0, 1], { mass: 1, hidden });
    expect([links.from, links.to]).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(linksFromRows(THREE, [1], { mass: 0.85, hidden }).to).toEqual([1]); // 0.75 of 0.875
    expect(linksToColumn(THREE, 1, { mass: 0.85, hidden }).from).toEqual([1, 2]);
    expect(linksToColumn(THREE, 0, { mass: 1, hidden }).from).toEqual([]);
  });

  it('finds the same links from the side of a column', () => {
    const n = 40;
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const rows = Array.from({ length: n }, () => {
      const row = Array.from({ length: n }, () => random() ** 6);
      const sum = row.reduce((a, b) => a + b);
      return row.map((value) => value / sum);
    });
    const weights = exact(rows);
    const all = linksFromRows(weights, rows.keys(), { mass: 0.7 });
    expect(all.from.length).toBeGreaterThan(n);
    for (let column = 0; column < n; ++column) {
      const expected = all.from.filter((_, i) => all.to[i] === column);
      expect(linksToColumn(weights, column, { mass: 0.7 }).from).toEqual(expected);
    }
  });

  it('counts the links that leave the view', () => {
    const links = linksFromRows(THREE, [0, 1], { mass: 1, inView: { first: 0, last: 2 } });
    expect(links.to).toEqual([0, 1, 1, 0]);
    expect(links.outside).toBe(2);
  });
});
