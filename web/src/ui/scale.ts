// SPDX-License-Identifier: Apache-2.0
import { cssColor, tableOf, untransformed } from '../render/color';
import type { Look, Transform } from '../render/renderer';
import type { Scale } from './app.svelte';
import { numberText } from './numbers';

const STOPS = 17;
/** What counts as nothing on a logarithmic scale, as a share of its top. */
const FLOOR = 1e-4;

/** Where a size stands on the scale, 0 to 1. */
export function transformed(value: number, top: number, transform: Transform): number {
  if (!(top > 0)) return 0;
  const share = Math.min(1, Math.max(0, value / top));
  if (transform === 'sqrt') return Math.sqrt(share);
  if (transform === 'log') return Math.max(0, 1 - Math.log(Math.max(share, FLOOR)) / Math.log(FLOOR));
  return share;
}

/** The size that stands at a place of the scale; the reverse of `transformed`. */
export function valueAt(at: number, top: number, transform: Transform): number {
  return top * (at === 0 && transform === 'log' ? FLOOR : untransformed(at, transform));
}

/** Numbers below the bar. A signed scale has 0 in the middle. */
export function tickMarks(look: Look): { at: number; text: string }[] {
  const signed = look.palette === 'difference';
  return [0, 0.5, 1].map((at) => {
    if (!signed) return { at, text: mark(valueAt(at, look.top, look.transform), at === 0 && look.transform === 'log') };
    return { at, text: numberText((2 * at - 1) * look.top) };
  });
}

const mark = (value: number, floor: boolean) => (floor ? `≤ ${numberText(value)}` : numberText(value));

export const TRANSFORMS: Record<Transform, string> = { sqrt: 'square root', linear: 'linear', log: 'logarithm' };

export const RANGES: Record<Scale['range'], string> = {
  unit: 'range 0-1',
  maximum: 'range to the largest',
  percentile: 'range to the 99th percentile',
};

/** Colours of the bar, the smallest first, for CSS. */
export function colours(scale: Scale): string[] {
  if (scale.tint) return tints(scale.look.palette === 'difference');
  const table = tableOf(scale.look.palette);
  return Array.from({ length: STOPS }, (_, i) => cssColor(table[Math.round((255 * i) / (STOPS - 1))]!));
}

/** As the words in the text are shaded: see Sentence.svelte. */
function tints(signed: boolean): string[] {
  const most = (name: string) => `color-mix(in srgb, var(${name}) 48%, var(--ground))`;
  return signed ? [most('--minus'), 'var(--ground)', most('--accent')] : ['var(--ground)', most('--accent')];
}
