// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { csv, csvField } from './files';

it('quotes fields that need it', () => {
  expect(csvField('a "b", c')).toBe('"a ""b"", c"');
  expect(csvField('plain')).toBe('plain');
  expect(csvField(null)).toBe('');
  expect(csvField(Number.NaN)).toBe('');
  expect(csvField(-0.5)).toBe('-0.5');
});

it('keeps spreadsheets from running a token', () => {
  expect(csvField('=1+1')).toBe("'=1+1");
  expect(csvField('@x')).toBe("'@x");
});

it('ends every row', () => {
  expect(
    csv([
      ['a', 1],
      ['b', null],
    ]),
  ).toBe('a,1\r\nb,\r\n');
});
