// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { ROW_HEIGHT, rowMiddle, tokenWindow, windowAt, windowWith } from './columns';

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

  it('puts tokens in the middle of their rows, those before the window above it', () => {
    const window = tokenWindow(512, 100);
    expect(rowMiddle(window, 100)).toBe(ROW_HEIGHT / 2);
    expect(rowMiddle(window, 159)).toBe(59.5 * ROW_HEIGHT);
    expect(rowMiddle(window, 98)).toBe(-1.5 * ROW_HEIGHT);
  });
});
