// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { syntheticDocument } from '../testing/synthetic';
import { defaultHead } from './default_head';

const base = syntheticDocument({ tokens: 8, layers: 2, heads: 2 }).report;
const focus = { ...base.focuses[0]!, ablation: null };
const numbers = (rows: (number | null)[][]) => rows;

it('takes the head that a label depends on most, whatever its sign', () => {
  const ablation = {
    value: 1,
    effect: [
      [0.5, 0.1],
      [-0.9, 0.2],
    ],
  };
  expect(defaultHead({ ...base, focuses: [focus, { ...focus, ablation }] })).toEqual([1, 0]);
});

it('else the sharpest one that is not plain, else the one with the lowest entropy', () => {
  const report = {
    ...base,
    focuses: [focus],
    head_patterns: [
      ['previous', 'mixed'],
      ['broad', 'cls'],
    ],
    head_numbers: {
      max: numbers([
        [0.9, 0.3],
        [0.4, 0.8],
      ]),
      entropy: numbers([
        [1.5, null],
        [1.2, 1.9],
      ]),
    },
  };
  expect(defaultHead(report)).toEqual([1, 0]);
  const plain = report.head_patterns.map((row) => row.map(() => 'self'));
  expect(defaultHead({ ...report, head_patterns: plain })).toEqual([1, 0]);
  expect(defaultHead({ ...report, head_patterns: plain, head_numbers: {} })).toEqual([0, 0]);
});
