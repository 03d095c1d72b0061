// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { syntheticDocument } from '../testing/synthetic';
import { axisTicks, filterHeads, headRows, headsCsv, patternCounts, tickText } from './head_rows';

const report = {
  ...syntheticDocument({ tokens: 6, layers: 2, heads: 2 }).report,
  layers: [4, 5],
  heads: [0, 7],
  head_numbers: {
    entropy: [
      [1.5, 2],
      [0.25, null],
    ],
    max: [
      [0.5, 0.25],
      [1, 0],
    ],
  },
  head_patterns: [
    ['self', 'mixed'],
    ['self', 'sep'],
  ],
};
const effect = [
  [-2, 0.5],
  [0, 1],
];

it('has a row for every head', () => {
  const rows = headRows(report, effect);
  expect(rows.map((row) => [row.layer, row.head, row.numbers.entropy, row.pattern, row.effect])).toEqual([
    [0, 0, 1.5, 'self', -2],
    [0, 1, 2, 'mixed', 0.5],
    [1, 0, 0.25, 'self', 0],
    [1, 1, null, 'sep', 1],
  ]);
});

it('filters by positions and pattern', () => {
  const rows = headRows(report, null);
  const places = (list: typeof rows) => list.map((row) => `${row.layer}${row.head}`).join(' ');
  expect(places(filterHeads(rows, { layers: null, heads: null, pattern: 'self' }))).toBe('00 10');
  expect(places(filterHeads(rows, { layers: [1], heads: null, pattern: '' }))).toBe('10 11');
  expect(places(filterHeads(rows, { layers: null, heads: [1], pattern: 'sep' }))).toBe('11');
});

it('counts patterns', () => {
  expect(patternCounts(headRows(report, null)).map(({ name, count }) => [name, count])).toEqual([
    ['self', 2],
    ['mixed', 1],
    ['sep', 1],
  ]);
});

it('writes numbers of layers and heads, and nothing for what is not known', () => {
  const rows = headRows(report, effect).slice(2);
  expect(headsCsv(report, rows, 'ablation_B-PER')).toBe(
    'layer,head,entropy,max,pattern,ablation_B-PER\r\n5,0,0.25,1,self,0\r\n5,7,,0,sep,1\r\n',
  );
  expect(headsCsv(report, headRows(report, null).slice(0, 1), 'x')).toBe(
    'layer,head,entropy,max,pattern\r\n4,0,1.5,0.5,self\r\n',
  );
});

it('marks an axis with round numbers that enclose it', () => {
  expect(axisTicks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(axisTicks(-2.3, 0.4)).toEqual([-3, -2, -1, 0, 1]);
  expect(axisTicks(0.1, 0.3)).toEqual([0.1, 0.15, 0.2, 0.25, 0.3]);
  expect(axisTicks(2, 2)).toEqual([2]);
  expect([-0.6, 0, 0.30000000000000004, 20].map(tickText)).toEqual(['−0.6', '0', '0.3', '20']);
});
