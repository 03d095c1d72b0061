// SPDX-License-Identifier: Apache-2.0
/** Positions in two lists of words, both ascending. */
export type Pairs = [number, number][];

/**
 * Words of two texts that stand for each other: a longest common subsequence, and between two of its pairs as many
 * words left as right, one after the other. As analysis::align_words of the library.
 */
export function alignWords(left: readonly string[], right: readonly string[]): Pairs {
  const matches = commonSubsequence(left, right);
  const pairs: Pairs = [];
  let next: [number, number] = [0, 0];
  for (const [i, j] of [...matches, [left.length, right.length] as [number, number]]) {
    const replaced = i - next[0];
    if (replaced === j - next[1]) for (let k = 0; k < replaced; ++k) pairs.push([next[0] + k, next[1] + k]);
    if (i < left.length) pairs.push([i, j]);
    next = [i + 1, j + 1];
  }
  return pairs;
}

/** A pair set by hand: pairs of either word, and pairs that would cross it, give way. */
export function withPair(pairs: Pairs, left: number, right: number): Pairs {
  const kept = pairs.filter(([i, j]) => (i < left && j < right) || (i > left && j > right));
  return [...kept, [left, right] as [number, number]].sort((a, b) => a[0] - b[0]);
}

function commonSubsequence(left: readonly string[], right: readonly string[]): Pairs {
  let begin = 0;
  while (begin < left.length && begin < right.length && left[begin] === right[begin]) ++begin;
  let end = 0;
  const open = Math.min(left.length, right.length) - begin;
  while (end < open && left[left.length - 1 - end] === right[right.length - 1 - end]) ++end;

  const pairs: Pairs = Array.from({ length: begin }, (_, i) => [i, i]);
  const middle = matches(left.slice(begin, left.length - end), right.slice(begin, right.length - end));
  for (const [i, j] of middle) pairs.push([begin + i, begin + j]);
  for (let k = end; k > 0; --k) pairs.push([left.length - k, right.length - k]);
  return pairs;
}

function matches(left: readonly string[], right: readonly string[]): Pairs {
  const width = right.length + 1;
  // longest[i * width + j]: of what is left from word i and word j on
  const longest = new Int32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; --i)
    for (let j = right.length - 1; j >= 0; --j)
      longest[i * width + j] =
        left[i] === right[j]
          ? longest[(i + 1) * width + j + 1]! + 1
          : Math.max(longest[(i + 1) * width + j]!, longest[i * width + j + 1]!);

  const pairs: Pairs = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push([i++, j++]);
    else if (longest[(i + 1) * width + j]! >= longest[i * width + j + 1]!) ++i;
    else ++j;
  }
  return pairs;
}
