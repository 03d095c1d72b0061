// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Place } from '../ui/places';
import { boundedByOne, directionOf, entityOf, parts, ranking, scoresOf, stretches, strongestHeads } from './words';

const place = (text: string, begin: number, end: number, special = false): Place => ({
  text,
  span: [begin, end],
  special,
});
const text = ' Zoë  met 🙂 Bob.';
const places = [
  place('[CLS]', 0, 0, true),
  place('Zoë', 1, 4),
  place('met', 6, 9),
  place('🙂', 10, 12),
  place('Bob', 13, 16),
  place('.', 16, 17),
  place('[SEP]', 0, 0, true),
];

describe('stretches', () => {
  it('gives the text back, blanks and pairs included', () => {
    const cut = stretches(text, places);
    expect(cut.map((stretch) => stretch.text).join('')).toBe(text);
    expect(cut.filter((stretch) => stretch.place !== null).map((stretch) => stretch.place)).toEqual([1, 2, 3, 4, 5]);
  });
  it('keeps text without places', () => {
    expect(stretches('abc', [])).toEqual([{ text: 'abc', place: null }]);
  });
  it('skips a place that starts inside the last one', () => {
    expect(stretches('abcd', [place('abc', 0, 3), place('bc', 1, 3)]).map((s) => s.text)).toEqual(['abc', 'd']);
  });
});

it('takes the direction of the first letter', () => {
  expect(['abc', '12 ذهبت', 'שלום x', 'x שלום', '...', ''].map(directionOf)).toEqual([
    'ltr',
    'rtl',
    'rtl',
    'ltr',
    'ltr',
    'ltr',
  ]);
});

it('finds the entity of a place', () => {
  const entities = [{ kind: 'PER', text: 'Bob', span: [13, 16] as [number, number], score: 1, words: [4] }];
  expect(entityOf(places, entities)).toEqual([null, null, null, null, 0, null, null]);
});

describe('scoresOf', () => {
  const best = Float32Array.of(0.5, 0.25, 0.25, 0.125, 0.625, 0.25, 0, 0.5, 0.5);
  const high = best.map((value) => value + 0.125);
  const weights = { rows: 3, columns: 3, best, low: best, high };
  it('takes the mean of rows', () => {
    expect([...scoresOf(weights, [0, 1], 'from').best]).toEqual([0.3125, 0.4375, 0.25]);
    expect([...scoresOf(weights, [0, 1], 'from').high]).toEqual([0.4375, 0.5625, 0.375]);
  });
  it('takes the sum of columns', () => {
    expect([...scoresOf(weights, [0, 1], 'to').best]).toEqual([0.75, 0.75, 0.5]);
  });
  it('has one array where all is known', () => {
    const scores = scoresOf({ ...weights, high: best }, [2], 'from');
    expect(scores.low).toBe(scores.best);
    expect(scores.high).toBe(scores.best);
  });
});

it('sums what goes to special tokens, itself and words', () => {
  const scores = Float64Array.of(0.5, 0.125, 0.0625, 0.0625, 0.125, Number.NaN, 0.125);
  expect(parts(scores, places, [1])).toEqual([0.625, 0.125, 0.25]);
});

it('bounds parts that are 1 together by what the others take', () => {
  expect(boundedByOne([0.25, 0.125, 0.25], [0.375, 0.25, 1.5])).toEqual({
    low: [0.25, 0.125, 0.375],
    high: [0.375, 0.25, 0.625],
  });
});

it('ranks by size, without itself, special tokens and what is not known', () => {
  const scores = Float64Array.of(0.9, 0.1, -0.3, 0.2, 0.2, Number.NaN, 0.9);
  expect(ranking(scores, places, [1])).toEqual([2, 3, 4]);
});

it('finds the heads with the largest effect', () => {
  expect(
    strongestHeads(
      [
        [0.1, -2],
        [1, 0.1],
      ],
      3,
    ),
  ).toEqual([
    { layer: 0, head: 1, effect: -2 },
    { layer: 1, head: 0, effect: 1 },
    { layer: 0, head: 0, effect: 0.1 },
  ]);
});
