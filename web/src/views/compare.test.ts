// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Report } from '../contract/report';
import { exactWeights } from '../data/weights';
import { changeText, completeSides, options, pairNames, parseHead, sideName } from './compare';

const REPORT = { layers: [0, 5], heads: [1, 2, 3] } as unknown as Report;

describe('sides of a comparison', () => {
  it('are called by their numbers and titles', () => {
    expect(sideName('head', '1.2', REPORT, new Map())).toBe('L5 H3');
    expect(sideName('layer', '1', REPORT, new Map())).toBe('L5, mean of the heads');
    expect(sideName('document', 'a', REPORT, new Map([['a', 'Angela lives']]))).toBe('Angela lives');
  });

  it('are filled in where they are missing', () => {
    const empty = { left: '', right: '' };
    const complete = (kind: 'document' | 'layer' | 'head') =>
      completeSides({ kind, ...empty }, REPORT, ['a', 'b'], 'b', [1, 0]);
    expect(complete('document')).toEqual({ kind: 'document', left: 'b', right: 'a' });
    expect(complete('layer')).toEqual({ kind: 'layer', left: '1', right: '0' });
    expect(complete('head')).toEqual({ kind: 'head', left: '1.0', right: '0.0' });
    expect(completeSides({ kind: 'head', left: '0.2', right: '1.1' }, REPORT, [], '', [0, 0]).right).toBe('1.1');
    expect(completeSides({ kind: 'document', left: 'a', right: '' }, REPORT, ['a'], 'a', [0, 0]).right).toBe('a');
  });

  it('lie within what there is', () => {
    expect(options('head', REPORT, [])).toEqual(['0.0', '0.1', '0.2', '1.0', '1.1', '1.2']);
    expect(parseHead('9.1', REPORT)).toEqual([1, 1]);
    expect(parseHead('x', REPORT)).toEqual([0, 0]);
  });
});

describe('pairs of words', () => {
  it('are named once where both are the same', () => {
    expect(
      pairNames(
        [
          [0, 0],
          [1, 2],
        ],
        ['in', 'Paris'],
        ['in', 'old', 'Rome'],
      ),
    ).toEqual(['in', 'Paris/Rome']);
  });

  it('have a difference to the digits that are certain', () => {
    const exact = (value: number) => exactWeights(Float32Array.of(value), 1, 1);
    const between = (low: number, high: number) => ({
      ...exact((low + high) / 2),
      low: Float32Array.of(low),
      high: Float32Array.of(high),
    });
    expect(changeText(exact(0.5), 0, exact(0.25), 0)).toBe('−0.2500');
    expect(changeText(exact(0.25), 0, between(0.30001, 0.3001), 0)).toBe('+0.050');
    expect(changeText(exact(0.1), 0, between(0, 0.2), 0)).toBe('−0.10 to +0.10');
  });
});
