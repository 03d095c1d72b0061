// SPDX-License-Identifier: Apache-2.0
/** Views as pictures for a paper, from what they show. */
import type { Report } from '../contract/report';
import type { Look } from '../render/renderer';
import type { Drawing, Scale } from '../ui/app.svelte';
import { matrixFigure, multiplesFigure, type Painter } from '../ui/figure/matrix';
import { barsFigure, colourBar, dotsFigure, type FigureBar, numbersFigure } from '../ui/figure/parts';
import { type Figure, stacked } from '../ui/figure/svg';
import { type Measure, wordsFigure } from '../ui/figure/words';
import { numberText, signed } from '../ui/numbers';
import type { Difference } from './divergence';
import { axisTicks, type HeadRow } from './head_rows';
import type { Picture } from './layer_pictures';
import type { Product } from './product';
import { entityOf, stretches } from './words';
import type { WordsModel } from './words.svelte';

const WIDTH = 560;

export function drawWords(
  model: WordsModel,
  title: string,
  scale: Scale,
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
  const figures: Figure[] = [wordsFigure(words, WIDTH, textWidth()), colourBar(scale), barsFigure(title, bars, WIDTH)];
  if (rest.length > 0) figures.push(barsFigure('Where the rest goes', rest, WIDTH));
  return { title, caption: `${title}: ${scale.about}.`, figure: stacked(figures) };
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
  scale: Scale;
}

export function drawLayers(groups: LayerGroup[], paint: Painter): Drawing {
  const figures = groups.flatMap(({ title, items, scale }) => {
    const matrices = items.map(({ title: name, picture }) => ({
      title: name,
      matrix: { values: picture.values, rows: picture.size, columns: picture.size },
    }));
    return [multiplesFigure(title, matrices, scale.look, { perRow: 6, side: 90, paint }), colourBar(scale)];
  });
  return { title: 'Attention of the layers', caption: 'Rows look at columns.', figure: stacked(figures) };
}

/** A and B side by side, their difference below with its words named. */
export function drawComparison(
  difference: Difference,
  names: { left: string; right: string; words: string[] },
  looks: { sides: Look; change: Look },
  range: Scale['range'],
  paint: Painter,
): Drawing {
  const matrix = (values: Float32Array) => ({ values, rows: difference.size, columns: difference.size });
  const sides = [
    { title: `A: ${names.left}`, matrix: matrix(difference.left) },
    { title: `B: ${names.right}`, matrix: matrix(difference.right) },
  ];
  const figure = stacked([
    multiplesFigure('', sides, looks.sides, { perRow: 2, side: 260, paint }),
    colourBar({ look: looks.sides, about: 'weight in A and B', range }),
    matrixFigure(matrix(difference.change), names.words, looks.change, paint),
    colourBar({ look: looks.change, about: 'B − A', range }),
  ]);
  const caption = `A: ${names.left}. B: ${names.right}. Below: B − A. Rows look at columns.`;
  return { title: `${names.left} and ${names.right}`, caption, figure };
}

/** The numbers of a query and a key, what they make, and the weights of the keys. */
export function drawQueryKey(
  product: Product,
  names: { head: string; from: string; to: string },
  scale: Scale,
  bars: FigureBar[],
): Drawing {
  const { top } = scale.look;
  const figure = stacked([
    numbersFigure(`query of ${names.from}`, product.query, top, WIDTH),
    numbersFigure(`key of ${names.to}`, product.key, top, WIDTH),
    colourBar(scale),
    barsFigure(`Keys by weight: score, weight from ${names.from}`, bars, WIDTH),
  ]);
  const score = `${signed(product.sum, 3)} / ${numberText(product.scale)} = ${signed(product.sum / product.scale, 3)}`;
  const caption = `Query times key, added up and scaled: ${score}. The softmax over all keys makes weights of the scores.`;
  return { title: `${names.head}: ${names.from} to ${names.to}`, caption, figure };
}

/** Widths as the figure's font has them. */
function textWidth(): Measure {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return (text) => 9.5 * text.length;
  context.font = "16px 'DejaVu Sans', Helvetica, Arial, sans-serif";
  return (text) => context.measureText(text).width;
}
