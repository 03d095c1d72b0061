// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { numberText, scoreText, signed } from './numbers';

it('prints scores to what is certain', () => {
  expect(scoreText({ low: [0.5, Number.NaN], high: [0.5, Number.NaN] }, 0)).toBe('0.5000');
  expect(scoreText({ low: [Number.NaN], high: [Number.NaN] }, 0)).toBe('—');
  expect(scoreText({ low: [-0.25], high: [-0.25] }, 0)).toBe('−0.2500');
});

it('prints signs, but none of zero', () => {
  expect(signed(-2.409, 2)).toBe('−2.41');
  expect(signed(0.5, 1)).toBe('+0.5');
  expect(signed(-0.001, 2)).toBe('0.00');
});

it('prints three digits that matter', () => {
  expect([0, 0.0421, 3.1432, 31.4159, 314.159, -0.5, 0.00001].map(numberText)).toEqual([
    '0',
    '0.042',
    '3.14',
    '31.4',
    '314',
    '−0.500',
    '1.0e−5',
  ]);
});
