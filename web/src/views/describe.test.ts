// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { exactWeights } from '../data/weights';
import { describeCell, isolated } from './describe';

const ROW = exactWeights(Float32Array.of(0.5, 0.4312, 0.0688), 1, 3);

describe('read-out of a cell', () => {
  it('says head, tokens, weight and rank', () => {
    const names = ['Paris', 'Angela', '.'];
    expect(describeCell('L3 H7', ROW, 0, 1, names)).toBe(
      `L3 H7  “${isolated('Paris')}” → “${isolated('Angela')}”  0.4312  rank 2 of 3`,
    );
  });

  it('says no rank that is not certain', () => {
    const wide = { ...ROW, low: Float32Array.of(0.42, 0.42, 0), high: Float32Array.of(0.5, 0.44, 0.1) };
    expect(describeCell('L0 H0', wide, 0, 1, ['a', 'b', 'c'])).not.toContain('rank');
  });
});
