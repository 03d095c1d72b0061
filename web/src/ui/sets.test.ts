// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { describeSet, parseSet } from './sets';

const six = [0, 1, 2, 3, 4, 5];

describe('describeSet', () => {
  it('joins neighbours', () => {
    expect(describeSet(null, six)).toBe('all');
    expect(describeSet([0, 1, 2, 3, 4, 5], six)).toBe('all');
    expect(describeSet([3, 4, 5], six)).toBe('3-5');
    expect(describeSet([0, 3, 4], six)).toBe('0,3-4');
    expect(describeSet([0, 2, 3, 4], six)).toBe('0,2-4');
  });
  it('prints numbers, not positions', () => {
    expect(describeSet([0, 1], [4, 9, 11])).toBe('4,9');
  });
});

describe('parseSet', () => {
  it('reads what describeSet writes', () => {
    for (const set of [[0], [3, 4, 5], [0, 3, 4], [0, 2, 3, 4], six]) {
      expect(parseSet(describeSet(set, six), six)).toEqual(set);
    }
  });
  it('gives positions for numbers', () => {
    expect(parseSet('9-11', [9, 10, 11, 12])).toEqual([0, 1, 2]);
  });
  it('refuses what is not there', () => {
    for (const text of ['', '6', '0,,1', '5-3', 'x', '-1', '0-9']) expect(parseSet(text, six)).toBeNull();
  });
});
