// SPDX-License-Identifier: Apache-2.0
import { type Figure, INK, KINDS, label, tag, tint } from './svg';

/** A stretch of the text; without a shade it is drawn as it is. */
export interface FigureWord {
  text: string;
  /** -1 to 1; NaN: none. */
  shade: number;
  chosen: boolean;
  /** Position of the entity's kind, to be underlined; null: no entity. */
  kind: number | null;
  /** Printed behind the last word of an entity. */
  label: string;
}

/** Width of a text of 16 px. */
export type Measure = (text: string) => number;

const LINE = 38;
const TEXT = 16;

/** The text wrapped to a width, words shaded, entities underlined and named. */
export function wordsFigure(words: FigureWord[], width: number, measure: Measure): Figure {
  const boxes: string[] = [];
  const texts: string[] = [];
  let [x, y] = [8, 26];
  for (const word of words) {
    const wide = measure(word.text);
    const tail = word.label ? 7 * word.label.length + 4 : 0;
    const blank = word.text.trim() === '';
    if ((x + wide + tail > width - 8 && x > 8 && !blank) || word.text.includes('\n')) [x, y] = [8, y + LINE];
    if (blank && x === 8) continue;
    boxes.push(...boxOf(word, x, y, wide + tail));
    if (!blank) texts.push(label(word.text, x, y, { 'font-size': TEXT }));
    if (word.label) {
      texts.push(label(word.label, x + wide + 2, y - 7, { 'font-size': 9, 'font-weight': 'bold' }));
    }
    x += wide + tail;
  }
  return { width, height: y + 18, body: [...boxes, ...texts].join('\n') };
}

function boxOf(word: FigureWord, x: number, y: number, wide: number): string[] {
  const parts: string[] = [];
  const box = { x: x - 1.5, y: y - 19, width: wide + 3, height: 26, rx: 3 };
  if (word.chosen) parts.push(tag('rect', { ...box, fill: 'none', stroke: INK, 'stroke-width': 1.5 }));
  else if (!Number.isNaN(word.shade)) {
    parts.push(tag('rect', { ...box, fill: tint(word.shade) }));
  }
  if (word.kind !== null) {
    parts.push(tag('rect', { x, y: y + 4, width: wide, height: 2.5, fill: KINDS[word.kind % KINDS.length] }));
  }
  return parts;
}
