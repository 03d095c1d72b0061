// SPDX-License-Identifier: Apache-2.0
import { listName } from '../data/weights_of';

/** "all", "3-5", "0,3-5": numbers of the positions that are chosen (null: all). */
export function describeSet(value: number[] | null, numbers: number[]): string {
  if (value === null || value.length === numbers.length) return 'all';
  return listName(value.map((position) => numbers[position] ?? position));
}

/** Positions that a list such as "0,3-5" names, in order; null if it is none or names what is not there. */
export function parseSet(text: string, numbers: number[]): number[] | null {
  if (text.trim().toLowerCase() === 'all') return [...numbers.keys()];
  const positions = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,4})\s*(?:[-\u2013]\s*(\d{1,4}))?\s*$/.exec(part);
    if (!match) return null;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first) return null;
    for (let number = first; number <= last; ++number) {
      const position = numbers.indexOf(number);
      if (position < 0) return null;
      positions.add(position);
    }
  }
  return [...positions].sort((a, b) => a - b);
}
