// SPDX-License-Identifier: Apache-2.0
/** The views Words, Heads and Layers as pictures for a paper, from what they show. */
import type { Report } from '../contract/report';
import type { Look } from '../render/renderer';
import type { Drawing } from '../ui/app.svelte';
import { matrixFigure, multiplesFigure, type Painter } from '../ui/figure/matrix';
import { barsFigure, colourBar, dotsFigure, type FigureBar } from '../ui/figure/parts';
import { type Figure, stacked } from '../ui/figure/svg';
import { type Measure, wordsFigure } from '../ui/figure/words';
import type { Difference } from './divergence';
import { axisTicks, type HeadRow } from './head_rows';
import type { Picture } from './layer_pictures';
import { entityOf, stretches } from './words';
import type { WordsModel } from './words.svelte';

const WIDTH = 560;

export function drawWords(
  model: WordsModel,
  title: string,
  about: string,
  bars: FigureBar[],
  rest: FigureBar[],
): Drawing {
  const report = model.app.report!;
  const owner = entityOf(model.places, report.entities);
  const kinds = [...new Set(report.entities.map((entity) => entity.kind))];
  const chosen = new Set(model.selected);
  const words = stretches(report.text, model.places).map(({ text, place }) => {
    const entity = place === null ? null : (owner[place] ?? null);
    const kind = entity === null ? '' : report.entities[entity]!.kind;
    const ends = place !== null && entity !== null && owner[place + 1] !== entity;
    return {
      text,
      shade: place === null ? Number.NaN : (model.shades[place] ?? Number.NaN),
      chosen: place !== null && chosen.has(place),
      kind: entity === null ? null : kinds.indexOf(kind),
      label: ends ? kind : '',
    };
  });
  const figures: Figure[] = [wordsFigure(words, WIDTH, textWidth()), barsFigure(title, bars, WIDTH)];
  if (rest.length > 0) figures.push(barsFigure('Where the rest goes', rest, WIDTH));
  return { title, caption: `${title}: ${about}.`, figure: stacked(figures) };
}

export function drawHeads(
  report: Report,
  rows: HeadRow[],
  value: (row: HeadRow) => number | null,
  title: string,
): Drawing {
  const known = rows.flatMap((row) => {
    const number = value(row);
    return number === null ? [] : [{ row, number }];
  });
  const numbers = known.map((entry) => entry.number);
  const lines = report.layers.flatMap((number, layer) => {
    const dots = known
      .filter((entry) => entry.row.layer === layer)
      .map((entry) => ({ name: `L${number} H${report.heads[entry.row.head]}`, value: entry.number }));
    return dots.length > 0 ? [{ name: `L${number}`, dots }] : [];
  });
  const figure = dotsFigure(title, lines, axisTicks(Math.min(0, ...numbers), Math.max(0, ...numbers)));
  return { title, caption: `${title} of ${known.length} heads; a line for each layer, a dot for each head.`, figure };
}

export interface LayerGroup {
  title: string;
  items: { title: string; picture: Picture }[];
  look: Look;
  about: string;
}

export function drawLayers(groups: LayerGroup[], paint: Painter): Drawing {
  const figures = groups.flatMap(({ title, items, look, about }) => {
    const matrices = items.map(({ title: name, picture }) => ({
      title: name,
      matrix: { values: picture.values, rows: picture.size, columns: picture.size },
    }));
    return [multiplesFigure(title, matrices, look, { perRow: 6, side: 90, paint }), colourBar(look, about)];
  });
  return { title: 'Attention of the layers', caption: 'Rows look at columns.', figure: stacked(figures) };
}

/** A and B side by side, their difference below with its words named. */
export function drawComparison(
  difference: Difference,
  names: { left: string; right: string; words: string[] },
  looks: { sides: Look; change: Look },
  paint: Painter,
): Drawing {
  const matrix = (values: Float32Array) => ({ values, rows: difference.size, columns: difference.size });
  const sides = [
    { title: `A: ${names.left}`, matrix: matrix(difference.left) },
    { title: `B: ${names.right}`, matrix: matrix(difference.right) },
  ];
  const figure = stacked([
    multiplesFigure('', sides, looks.sides, { perRow: 2, side: 260, paint }),
    colourBar(looks.sides, 'weight in A and B'),
    matrixFigure(matrix(difference.change), names.words, looks.change, paint),
    colourBar(looks.change, 'B − A'),
  ]);
  const caption = `A: ${names.left}. B: ${names.right}. Below: B − A. Rows look at columns.`;
  return { title: `${names.left} and ${names.right}`, caption, figure };
}

/** Widths as the figure's font has them. */
function textWidth(): Measure {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return (text) => 9.5 * text.length;
  context.font = "16px 'DejaVu Sans', Helvetica, Arial, sans-serif";
  return (text) => context.measureText(text).width;
}
