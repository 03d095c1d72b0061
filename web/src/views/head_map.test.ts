// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { fitted, shapeOf } from './head_map';

it('keeps the proportions and stays inside the margin', () => {
  const points = fitted([0, 0, 4, 0, 0, 1, 4, 1], 100, 100, 10);
  expect(points.map((point) => [point.x, point.y])).toEqual([
    [10, 60],
    [90, 60],
    [10, 40],
    [90, 40],
  ]);
});

it('puts a single point in the middle', () => {
  expect(fitted([3, 3], 100, 60, 10)).toEqual([{ x: 50, y: 30 }]);
});

it('draws another outline for another pattern', () => {
  const outlines = ['previous', 'next', 'self', 'cls', 'sep', 'punctuation', 'same_word', 'mixed'].map((name) =>
    shapeOf(name, 10),
  );
  expect(new Set(outlines).size).toBe(outlines.length);
  expect(shapeOf('broad', 10)).toBe(shapeOf('mixed', 10));
});
