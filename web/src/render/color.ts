// SPDX-License-Identifier: Apache-2.0
/** From values to the 256 colours of a scale: the same steps for the canvas, the graphics card and the page's text. */
import palettes from './palettes.json';
import type { Look, PaletteName, Transform } from './renderer';

export type Rgb = readonly [number, number, number];

/** The logarithmic scale has four decades: less than 1e-4 of the top counts as that. */
const DECADES = 4;
const STEPS = 256;

const TABLES = new Map(
  (Object.keys(palettes) as PaletteName[]).map((name) => [
    name,
    Array.from({ length: STEPS }, (_, i): Rgb => {
      const hex = Number.parseInt(palettes[name].slice(6 * i, 6 * i + 6), 16);
      return [hex >> 16, (hex >> 8) & 255, hex & 255];
    }),
  ]),
);

/** The colours of a palette, the smallest value's first. */
export function tableOf(palette: PaletteName): readonly Rgb[] {
  return TABLES.get(palette)!;
}

/**
 * The smallest value of each of the 256 steps, as float32: a value has the last step whose threshold it reaches. To
 * compare floats gives the same step everywhere; to compute a logarithm does not.
 */
export function thresholdsOf(look: Pick<Look, 'palette' | 'transform' | 'top'>): Float32Array<ArrayBuffer> {
  const signed = look.palette === 'difference';
  return Float32Array.from({ length: STEPS }, (_, step) => {
    const share = (step - 0.5) / (STEPS - 1);
    if (!(look.top > 0)) return signed && step <= STEPS / 2 ? -Infinity : Infinity;
    if (!signed) return look.top * untransformed(share, look.transform);
    const part = 2 * share - 1;
    return Math.sign(part) * look.top * untransformed(Math.abs(part), look.transform);
  });
}

/** The part of the top that stands at a place of the scale. */
export function untransformed(share: number, transform: Transform): number {
  if (transform === 'sqrt') return share * share;
  if (transform === 'linear' || share === 0) return share;
  return 10 ** (DECADES * (share - 1));
}

/** The last step whose threshold the value reaches; 0 for what is no number. */
export function stepOf(value: number, thresholds: Float32Array): number {
  let step = 0;
  for (let stride = STEPS / 2; stride >= 1; stride /= 2) if (value >= thresholds[step + stride]!) step += stride;
  return step;
}

export function cssColor([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}
