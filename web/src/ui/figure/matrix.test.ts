// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import palettes from '../../render/palettes.json';
import { cellsOf, matrixFigure } from './matrix';
import { barsFigure, colouring } from './parts';

const look = { palette: 'cividis', transform: 'linear', top: 1 } as const;
const never = () => {
  throw new Error('no picture is wanted');
};

it('takes the ends and the middle of the palette', () => {
  expect(colouring(look)(0)).toBe(`#${palettes.cividis.slice(0, 6)}`);
  expect(colouring(look)(1)).toBe(`#${palettes.cividis.slice(-6)}`);
  expect(colouring({ ...look, palette: 'difference' })(-1)).toBe(`#${palettes.difference.slice(0, 6)}`);
  expect(colouring({ ...look, palette: 'difference' })(1)).toBe(`#${palettes.difference.slice(-6)}`);
});

it('draws neighbours of one colour as one rectangle', () => {
  const values = Float32Array.of(0, 0, 1, 0, 1, 1);
  const cells = cellsOf({ values, rows: 2, columns: 3 }, look, 30, never);
  const boxes = [...cells.matchAll(/<rect x="(\d+)" y="(\d+)" width="([\d.]+)"/g)].map((match) =>
    match.slice(1).join(' '),
  );
  expect(boxes).toEqual(['0 0 20.5', '20 0 10', '0 10 10.5', '10 10 20']);
});

it('leaves hidden columns blank', () => {
  const values = Float32Array.of(1, 1, 1);
  const cells = cellsOf({ values, rows: 1, columns: 3 }, { ...look, hidden: Uint8Array.of(1, 0, 1) }, 30, never);
  expect(cells.match(/fill="#e6e6e6"/g)).toHaveLength(2);
});

it('makes a picture of what has over 64 cells a side', () => {
  const matrix = { values: new Float32Array(65 * 65), rows: 65, columns: 65 };
  const cells = cellsOf(matrix, look, 100, (_, __, width, height) => `data:image/png;base64,${width}x${height}`);
  expect(cells).toContain('href="data:image/png;base64,130x130"');
  expect(cells).not.toContain('<rect');
});

it('names rows and columns', () => {
  const figure = matrixFigure({ values: new Float32Array(4), rows: 2, columns: 2 }, ['<a>', 'b'], look, never);
  expect(figure.body.match(/&lt;a&gt;/g)).toHaveLength(2);
});

it('draws negative bars hollow', () => {
  const bars = [
    { name: 'a', value: 2, text: '2' },
    { name: 'b', value: -1, text: '-1' },
  ];
  const { body } = barsFigure('', bars, 300);
  expect(body).toMatch(/width="110" height="10" fill="#00417a"/);
  expect(body).toMatch(/width="55" height="10" fill="none"/);
});
