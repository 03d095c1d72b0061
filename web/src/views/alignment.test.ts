// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { alignWords, withPair } from './alignment';

const words = (text: string) => text.split(' ');

describe('alignment of words', () => {
  it('pairs equal texts one to one', () => {
    expect(alignWords(words('a b c'), words('a b c'))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
  });

  it('pairs words that were replaced by as many', () => {
    const pairs = alignWords(words('Angela lives in Paris .'), words('Peter lives in Rome .'));
    expect(pairs).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
  });

  it('leaves what was put in or left out alone', () => {
    const pairs = alignWords(words('she lives in Paris .'), words('she now lives in old Paris .'));
    expect(pairs).toEqual([
      [0, 0],
      [1, 2],
      [2, 3],
      [3, 5],
      [4, 6],
    ]);
  });

  it('finds a longest common subsequence between changed ends', () => {
    expect(alignWords(words('x a b c y z'), words('a q b c w'))).toEqual([
      [1, 0],
      [2, 2],
      [3, 3],
    ]);
  });

  it('takes empty texts', () => {
    expect(alignWords([], ['a'])).toEqual([]);
    expect(alignWords([], [])).toEqual([]);
  });

  it('sets a pair by hand and drops the pairs in its way', () => {
    expect(
      withPair(
        [
          [0, 0],
          [1, 1],
          [2, 2],
          [3, 3],
        ],
        1,
        2,
      ),
    ).toEqual([
      [0, 0],
      [1, 2],
      [3, 3],
    ]);
    expect(withPair([[0, 0]], 0, 1)).toEqual([[0, 1]]);
  });
});
