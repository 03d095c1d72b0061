// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { colourBar, numbersFigure } from './parts';

const look = { palette: 'cividis', transform: 'sqrt', top: 0.8 } as const;
const fills = (body: string) => [...body.matchAll(/<rect[^>]*fill="(#\w+)"/g)].map((match) => match[1]);

it('names ticks, measure, transform and range of a scale', () => {
  const { body, width } = colourBar({ look, about: 'weight', range: 'percentile' });
  const texts = [...body.matchAll(/>([^<>]+)<\/text>/g)].map((match) => match[1]);
  expect(texts).toEqual(['0', '0.200', '0.800', 'weight', 'square root · range to the 99th percentile']);
  expect([fills(body)[0], fills(body).at(-1)]).toEqual(['#00224e', '#fee838']);
  expect(width).toBeGreaterThan(400);
});

it('has the shades of words, both ways where numbers have a sign', () => {
  // 255 - 0.48 (255 - 0x00) = 133 for the accent's red, and so on.
  const one = fills(colourBar({ look, about: '', range: 'unit', tint: true }).body);
  expect([one[0], one.at(-1)]).toEqual(['#ffffff', '#85a4bf']);
  const signed = { ...look, palette: 'difference' } as const;
  const two = fills(colourBar({ look: signed, about: '', range: 'unit', tint: true }).body);
  expect([two[0], two.at(-1)]).toEqual(['#c7a988', '#85a4bf']);
});

it('prints numbers as cells, eight a row, shaded by size and sign', () => {
  const values = Float32Array.from({ length: 9 }, (_, i) => (i === 8 ? -2 : 0));
  const { body, height } = numbersFigure('query', values, 2, 336);
  expect(height).toBe(56);
  expect(body).toContain('<rect x="8" y="38" width="39" height="17" fill="#c7a988"/>');
  expect(body).toContain('>−2.00</text>');
});
