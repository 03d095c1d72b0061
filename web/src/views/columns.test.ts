// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ROW_HEIGHT, rowMiddle, tokenAt, tokenWindow, windowAt, windowWith } from './columns';

describe('columns of tokens', () => {
  it('shows all of 60 tokens and a window of 61', () => {
    expect(tokenWindow(60, 30)).toEqual({ first: 0, last: 60, length: 60 });
    expect(tokenWindow(61, 30)).toEqual({ first: 1, last: 61, length: 61 });
    expect(tokenWindow(512, -3)).toEqual({ first: 0, last: 60, length: 512 });
  });

  it('moves the window as little as needed', () => {
    const window = tokenWindow(512, 100);
    expect(windowWith(window, 120)).toBe(window);
    expect(windowWith(window, 99).first).toBe(99);
    expect(windowWith(window, 160).first).toBe(101);
    expect(windowWith(window, 511).last).toBe(512);
  });

  it('puts the middle of the window where the strip is clicked', () => {
    expect(windowAt(512, 0.5)).toEqual({ first: 226, last: 286, length: 512 });
    expect(windowAt(512, 1).last).toBe(512);
  });

  it('finds the token whose middle is drawn at a height', () => {
    const window = tokenWindow(512, 100);
    for (const token of [100, 130, 159]) expect(tokenAt(window, rowMiddle(window, token))).toBe(token);
    expect(tokenAt(window, -1)).toBeNull();
    expect(tokenAt(window, 60 * ROW_HEIGHT)).toBeNull();
  });
});
