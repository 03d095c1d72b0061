// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { Tensors } from '../contract/safetensors';
import { differences, picturesOf, tokensOf, topOf } from './layer_pictures';

const tensors: Tensors = new Map([
  ['layer_means', { shape: [2, 2, 2], data: Float32Array.of(0.5, 0.5, 0.25, 0.75, 1, 0, 0.5, 0.5) }],
]);

it('cuts a tensor into layers', () => {
  const pictures = picturesOf(tensors, 'layer_means');
  expect(pictures.map((picture) => [...picture.values])).toEqual([
    [0.5, 0.5, 0.25, 0.75],
    [1, 0, 0.5, 0.5],
  ]);
  expect(picturesOf(tensors, 'rollout')).toEqual([]);
});

it('subtracts the layer before', () => {
  const [only] = differences(picturesOf(tensors, 'layer_means'));
  expect([...only!.values]).toEqual([0.5, -0.5, 0.25, -0.25]);
});

it('finds the top of the scale by size, not by sign', () => {
  const pictures = [{ values: Float32Array.from({ length: 100 }, (_, i) => -i), size: 10 }];
  expect(topOf(pictures, 'maximum')).toBe(99);
  expect(topOf(pictures, 'percentile')).toBe(98);
  expect(topOf(pictures, 'unit')).toBe(1);
  expect(topOf([], 'maximum')).toBe(0);
});

it('says which tokens a pooled cell holds: element i lies in cell floor(i s / n)', () => {
  for (const [tokens, size] of [
    [100, 64],
    [65, 64],
    [64, 64],
    [7, 7],
    [130, 64],
  ] as const) {
    const cells = Array.from({ length: tokens }, (_, i) => Math.floor((i * size) / tokens));
    for (let cell = 0; cell < size; ++cell) {
      expect(tokensOf(cell, size, tokens)).toEqual([cells.indexOf(cell), cells.lastIndexOf(cell)]);
    }
  }
});
