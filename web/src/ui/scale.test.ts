// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { colours, tickMarks, transformed, valueAt } from './scale';

const transforms = ['sqrt', 'linear', 'log'] as const;

it('runs from 0 to 1 and back', () => {
  for (const transform of transforms) {
    expect(transformed(0.3, 0.3, transform)).toBe(1);
    expect(transformed(0.9, 0.3, transform)).toBe(1);
    expect(transformed(0, 0.3, transform)).toBe(0);
    for (const at of [0.1, 0.5, 0.9]) {
      expect(transformed(valueAt(at, 0.3, transform), 0.3, transform)).toBeCloseTo(at, 12);
    }
  }
  expect(transformed(0.25, 1, 'sqrt')).toBe(0.5);
  expect(transformed(0.01, 1, 'log')).toBeCloseTo(0.5, 12);
  expect(transformed(1, 0, 'linear')).toBe(0);
});

it('names the values below the bar', () => {
  const texts = (transform: (typeof transforms)[number], palette: 'cividis' | 'difference') =>
    tickMarks({ palette, transform, top: 0.8 }).map((tick) => tick.text);
  expect(texts('sqrt', 'cividis')).toEqual(['0', '0.200', '0.800']);
  expect(texts('linear', 'cividis')).toEqual(['0', '0.400', '0.800']);
  expect(texts('log', 'cividis')).toEqual(['≤ 8.0e−5', '0.008', '0.800']);
  expect(texts('linear', 'difference')).toEqual(['−0.800', '0', '0.800']);
});

it('takes the colours of the palette', () => {
  const look = { palette: 'cividis', transform: 'linear', top: 1 } as const;
  const list = colours({ look, about: '', range: 'unit' });
  expect(list[0]).toBe('rgb(0 34 78)');
  expect(list).toHaveLength(17);
  expect(list.every((colour) => /^rgb\(\d+ \d+ \d+\)$/.test(colour))).toBe(true);
  expect(colours({ look, about: '', range: 'unit', tint: true })[0]).toBe('var(--ground)');
});
