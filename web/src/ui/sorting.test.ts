// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { sorted } from './sorting';

const rows = [
  { name: 'b', value: 2 },
  { name: 'none', value: null },
  { name: 'a', value: 1 },
  { name: 'c', value: 2 },
];
const names = (list: typeof rows) => list.map((row) => row.name).join(' ');

it('keeps the order of equal rows and puts rows without a value last, up and down', () => {
  expect(names(sorted(rows, (row) => row.value, false))).toBe('a b c none');
  expect(names(sorted(rows, (row) => row.value, true))).toBe('b c a none');
  expect(names(sorted(rows, (row) => row.name, false))).toBe('a b c none');
});

it('leaves the rows it was given alone', () => {
  const before = names(rows);
  sorted(rows, (row) => row.value, true);
  expect(names(rows)).toBe(before);
});
