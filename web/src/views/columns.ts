// SPDX-License-Identifier: Apache-2.0
/** Geometry of two columns of tokens with links between them. */

/** Longer texts are shown a window at a time. */
export const WHOLE_COLUMN = 60;
export const ROW_HEIGHT = 24;

/** Tokens [first, last) of `length`. */
export interface TokenWindow {
  first: number;
  last: number;
  length: number;
}

/** The window that begins at `first` or as near as there are tokens. */
export function tokenWindow(length: number, first: number): TokenWindow {
  const size = Math.min(length, WHOLE_COLUMN);
  const begin = Math.max(0, Math.min(Math.round(first), length - size));
  return { first: begin, last: begin + size, length };
}

/** The window moved as little as needed to hold `token`. */
export function windowWith(window: TokenWindow, token: number): TokenWindow {
  if (token < window.first) return tokenWindow(window.length, token);
  if (token >= window.last) return tokenWindow(window.length, token - WHOLE_COLUMN + 1);
  return window;
}

/** The window whose middle is at this fraction of the overview strip. */
export function windowAt(length: number, fraction: number): TokenWindow {
  return tokenWindow(length, fraction * length - WHOLE_COLUMN / 2);
}

/** Middle of a token's row in pixels; tokens outside the window lie outside the picture. */
export function rowMiddle(window: TokenWindow, token: number): number {
  return (token - window.first + 0.5) * ROW_HEIGHT;
}

/** The four ways to tell heads apart; each has a colour, a dash and a letter. */
export const MARKS = ['A', 'B', 'C', 'D'] as const;
export const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

/** Width of a link in pixels: weight 1 is 4 wide, and none is invisible. */
export function linkWidth(weight: number): number {
  return 0.75 + 3.25 * Math.sqrt(weight);
}

/** Opacity by weight, so that many small links do not hide the large ones. */
export function linkOpacity(weight: number): number {
  return 0.15 + 0.85 * Math.sqrt(Math.min(1, weight));
}
