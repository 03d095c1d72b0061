// SPDX-License-Identifier: Apache-2.0
import { stepOf, tableOf, thresholdsOf } from '../../render/color';
import type { Look } from '../../render/renderer';
import { tickText } from '../../views/head_rows';
import type { Scale } from '../app.svelte';
import { signed } from '../numbers';
import { RANGES, TRANSFORMS, tickMarks } from '../scale';
import { ACCENT, type Figure, hex, INK, LINE, label, MUTED, tag, tint } from './svg';

/** Gives the colour of a value, as the page draws it. */
export function colouring(look: Look): (value: number) => string {
  const thresholds = thresholdsOf(look);
  const table = tableOf(look.palette).map(hex);
  return (value) => table[stepOf(value, thresholds)]!;
}

const BAR = 180;
const STEPS = 64;

/** The scale with ticks, and beside it what is measured, the transform and the range. */
export function colourBar({ look, about, range, tint: isTint = false }: Scale): Figure {
  const table = tableOf(look.palette);
  const isSigned = look.palette === 'difference';
  const colour = (at: number) => (isTint ? tint(isSigned ? 2 * at - 1 : at) : hex(table[Math.round(255 * at)]!));
  const step = BAR / STEPS;
  const cells = Array.from({ length: STEPS }, (_, i) =>
    tag('rect', { x: 8 + i * step, y: 4, width: step + 0.5, height: 9, fill: colour(i / (STEPS - 1)) }),
  );
  const ticks = tickMarks(look).map(({ at, text }) =>
    label(text, 8 + at * BAR, 26, { 'text-anchor': at === 0 ? 'start' : at === 1 ? 'end' : 'middle', fill: MUTED }),
  );
  const notes = [about, `${TRANSFORMS[look.transform]} · ${RANGES[range]}`];
  const texts = notes.map((text, i) => label(text, BAR + 24, 13 + 13 * i, { fill: MUTED }));
  const width = BAR + 32 + 6.5 * Math.max(...notes.map((text) => text.length));
  return { width, height: 30, body: [...cells, ...ticks, ...texts].join('') };
}

/** Numbers as shaded cells, eight a row, with a title. */
export function numbersFigure(title: string, values: Float32Array, top: number, width: number): Figure {
  const step = (width - 16) / 8;
  const cells = Array.from(values, (value, i) => {
    const [x, y] = [8 + step * (i % 8), 20 + 18 * Math.floor(i / 8)];
    const box = tag('rect', { x, y, width: step - 1, height: 17, fill: tint(top > 0 ? value / top : 0) });
    return box + label(signed(value, 2).replace('+', ''), x + step - 5, y + 12, { 'text-anchor': 'end' });
  });
  const head = label(title, 8, 12, { fill: MUTED, 'font-weight': 'bold' });
  return { width, height: 20 + 18 * Math.ceil(values.length / 8), body: [head, ...cells].join('\n') };
}

export interface FigureBar {
  name: string;
  value: number;
  text: string;
}

/** Bars with names and numbers; those of negative values are hollow. */
export function barsFigure(title: string, bars: FigureBar[], width: number): Figure {
  const left = 110;
  const room = width - left - Math.max(80, ...bars.map((bar) => 24 + 6.5 * bar.text.length));
  const top = Math.max(0, ...bars.map((bar) => Math.abs(bar.value)));
  const rows = bars.map((bar, i) => {
    const y = 24 + 18 * i;
    const length = top > 0 ? (room * Math.abs(bar.value)) / top : 0;
    const look = bar.value < 0 ? { fill: 'none', stroke: ACCENT, 'stroke-width': 1.5 } : { fill: ACCENT };
    return [
      label(clipped(bar.name, 16), 8, y + 9),
      tag('rect', { x: left, y, width: length, height: 10, ...look }),
      label(bar.text, width - 8, y + 9, { 'text-anchor': 'end', fill: MUTED }),
    ].join('');
  });
  const head = label(title, 8, 12, { fill: MUTED, 'font-weight': 'bold' });
  return { width, height: 24 + 18 * bars.length, body: [head, ...rows].join('\n') };
}

/** A line for each layer and a dot for each head. */
export function dotsFigure(
  title: string,
  lines: { name: string; dots: { name: string; value: number }[] }[],
  ticks: number[],
): Figure {
  const [left, width, step] = [44, 560, 22];
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  const x = (value: number) => left + ((value - low) / (high - low || 1)) * (width - left - 16);
  const bottom = 10 + step * lines.length;
  const grid = ticks.map((tick) =>
    [
      tag('line', { x1: x(tick), x2: x(tick), y1: 10, y2: bottom, stroke: LINE }),
      label(tickText(tick), x(tick), bottom + 14, { 'text-anchor': 'middle', fill: MUTED }),
    ].join(''),
  );
  const rows = lines.map((line, i) => {
    const y = 10 + step * (i + 0.5);
    const dots = line.dots.map((dot) =>
      tag('circle', { cx: x(dot.value), cy: y, r: 4, fill: ACCENT, 'fill-opacity': 0.6 }, tag('title', {}, dot.name)),
    );
    return [label(line.name, left - 8, y + 4, { 'text-anchor': 'end' }), ...dots].join('');
  });
  const axis = label(title, (left + width) / 2, bottom + 30, { 'text-anchor': 'middle', fill: INK });
  return { width, height: bottom + 36, body: [...grid, ...rows, axis].join('\n') };
}

/** At most `most` characters. */
export function clipped(text: string, most: number): string {
  const points = [...text];
  return points.length > most ? `${points.slice(0, most - 1).join('')}…` : text;
}
