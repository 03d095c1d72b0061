// SPDX-License-Identifier: Apache-2.0
import type { Look } from '../../render/renderer';
import { clipped, colouring } from './parts';
import { type Figure, label, MUTED, tag } from './svg';

export interface FigureMatrix {
  values: Float32Array;
  rows: number;
  columns: number;
}

/** Draws a matrix into a PNG of that many pixels and gives its data: address. */
export type Painter = (matrix: FigureMatrix, look: Look, width: number, height: number) => string;

/** Larger ones become pictures: a rectangle a cell is slow to draw and large to keep. */
const MOST_CELLS = 64;
/** Cells reach under their right and lower neighbours: rounding must leave no gap between them. */
const OVERLAP = 0.5;
/** Columns of special tokens that are hidden. */
const HIDDEN = '#e6e6e6';

/** The cells alone, `side` wide. Neighbours of one colour are one rectangle. */
export function cellsOf(matrix: FigureMatrix, look: Look, side: number, paint: Painter, most = MOST_CELLS): string {
  const { values, rows, columns } = matrix;
  const step = side / columns;
  if (rows > most || columns > most) {
    const size = { width: side, height: step * rows };
    return tag('image', { ...size, href: paint(matrix, look, 2 * columns, 2 * rows), 'image-rendering': 'pixelated' });
  }
  const colour = colouring(look);
  const fillOf = (row: number, column: number) =>
    look.hidden?.[column] ? HIDDEN : colour(values[row * columns + column]!);
  const parts: string[] = [];
  for (let row = 0; row < rows; ++row) {
    for (let begin = 0; begin < columns; ) {
      const fill = fillOf(row, begin);
      let end = begin + 1;
      while (end < columns && fillOf(row, end) === fill) ++end;
      const box = { x: begin * step, y: row * step };
      const width = Math.min(side, end * step + OVERLAP) - box.x;
      const height = Math.min(rows * step, box.y + step + OVERLAP) - box.y;
      parts.push(tag('rect', { ...box, width, height, fill }));
      begin = end;
    }
  }
  return tag('g', { 'shape-rendering': 'crispEdges' }, parts.join(''));
}

/** A matrix with its rows and columns named, as far as there is room. */
export function matrixFigure(matrix: FigureMatrix, labels: string[], look: Look, paint: Painter): Figure {
  const room = 84;
  const step = Math.max(8, Math.min(18, 520 / matrix.columns));
  const side = step * matrix.columns;
  const every = Math.ceil(10 / step);
  const names = labels.flatMap((text, i) => {
    if (i % every !== 0) return [];
    const at = room + step * (i + 0.5);
    return [
      label(clipped(text, 12), room - 6, at + 4, { 'text-anchor': 'end' }),
      label(clipped(text, 12), at + 4, room - 6, { transform: `rotate(-90 ${(at + 4).toFixed(2)} ${room - 6})` }),
    ];
  });
  const cells = tag('g', { transform: `translate(${room} ${room})` }, cellsOf(matrix, look, side, paint));
  const corner = label('from ↓ to →', 8, 16, { fill: MUTED });
  return { width: room + side + 8, height: room + step * matrix.rows + 8, body: [corner, ...names, cells].join('\n') };
}

/** Small matrices side by side, each with a title, wrapped to a width. */
export function multiplesFigure(
  title: string,
  items: { title: string; matrix: FigureMatrix }[],
  look: Look,
  options: { perRow: number; side: number; paint: Painter; asPictures?: boolean },
): Figure {
  const { perRow, side, paint, asPictures = false } = options;
  const [stepX, stepY] = [side + 10, side + 22];
  const head = title ? [label(title, 8, 12, { fill: MUTED, 'font-weight': 'bold' })] : [];
  const top = title ? 20 : 4;
  const parts = items.map(({ title: name, matrix }, i) => {
    const [x, y] = [8 + stepX * (i % perRow), top + stepY * Math.floor(i / perRow)];
    const cells = tag(
      'g',
      { transform: `translate(0 14)` },
      cellsOf(matrix, look, side, paint, asPictures ? 0 : MOST_CELLS),
    );
    return tag('g', { transform: `translate(${x} ${y})` }, label(name, 0, 10, { fill: MUTED }) + cells);
  });
  const rows = Math.ceil(items.length / perRow);
  return {
    width: 16 + stepX * Math.min(perRow, items.length) - 10,
    height: top + stepY * rows,
    body: [...head, ...parts].join('\n'),
  };
}
