// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { wordsFigure } from './words';

const word = (text: string, more = {}) => ({ text, shade: Number.NaN, chosen: false, kind: null, label: '', ...more });
const measure = (text: string) => 10 * text.length;

it('wraps before a word that does not fit and drops the blank there', () => {
  const { body, height } = wordsFigure([word('abcd'), word(' '), word('efgh')], 80, measure);
  const places = [...body.matchAll(/<text x="(\d+)" y="(\d+)"/g)].map((match) => `${match[1]} ${match[2]}`);
  expect(places).toEqual(['8 26', '8 64']);
  expect(height).toBe(82);
});

it('shades by size and sign, frames what is chosen and names entities', () => {
  const { body } = wordsFigure(
    [
      word('a', { shade: 0.5 }),
      word('b', { shade: -1 }),
      word('c', { chosen: true }),
      word('d', { kind: 1, label: 'PER' }),
    ],
    400,
    measure,
  );
  // 255 - 0.24 (255 - 0x00) = 194, and so on.
  expect(body).toContain('fill="#c2d1df"');
  expect(body).toContain('fill="#c7a988"');
  expect(body.match(/stroke="#15181c"/g)).toHaveLength(1);
  expect(body).toContain('>PER</text>');
});
