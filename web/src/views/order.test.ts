// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Report } from '../contract/report';
import { countPatterns, sortHeads, sortLayers, specialShare } from './order';

const REPORT = {
  layers: [0, 1],
  heads: [0, 1, 2],
  head_numbers: {
    entropy: [
      [1, 3, 2],
      [2.5, null, 2.5],
    ],
    cls: [
      [0.1, 0.2, 0.3],
      [0.5, 0, 0],
    ],
    sep: [
      [0.5, 0.1, 0.2],
      [0.4, 0, 0],
    ],
  },
  head_patterns: [
    ['mixed', 'previous', 'sep'],
    ['mixed', 'self', 'mixed'],
  ],
} as unknown as Report;

describe('order of heads and layers', () => {
  it('keeps the index', () => {
    expect(sortHeads(REPORT, 0, 'index')).toEqual([0, 1, 2]);
    expect(sortLayers(REPORT, 'index')).toEqual([0, 1]);
  });

  it('sorts by entropy, unknown last and equal ones by index', () => {
    expect(sortHeads(REPORT, 0, 'entropy')).toEqual([1, 2, 0]);
    expect(sortHeads(REPORT, 1, 'entropy')).toEqual([0, 2, 1]);
    expect(sortLayers(REPORT, 'entropy')).toEqual([1, 0]);
  });

  it('sorts by the share of both kinds of special tokens', () => {
    expect(specialShare(REPORT, 0, 0)).toBeCloseTo(0.6, 12);
    expect(sortHeads(REPORT, 0, 'special')).toEqual([0, 2, 1]);
  });

  it('puts heads of one pattern side by side, mixed ones last', () => {
    expect(sortHeads(REPORT, 0, 'pattern')).toEqual([1, 2, 0]);
    expect(sortLayers(REPORT, 'pattern')).toEqual([0, 1]);
  });

  it('counts patterns, the most frequent first', () => {
    expect(
      countPatterns({
        ...REPORT,
        head_patterns: [
          ['self', 'mixed', 'sep'],
          ['sep', 'mixed', 'sep'],
        ],
      }),
    ).toEqual([
      { name: 'sep', count: 3 },
      { name: 'self', count: 1 },
    ]);
  });
});
