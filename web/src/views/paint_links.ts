// SPDX-License-Identifier: Apache-2.0
import { DASHES, linkCurve, linkOpacity, linkWidth, type TokenWindow } from './columns';
import type { Links } from './links';

/** Links of one head and how they are told from those of others. */
export interface Strand {
  links: Links;
  colour: string;
  dash: number;
}

/** Links of so many strengths are one path each: thousands of paths of their own would be slow. */
const STRENGTHS = 12;
/** Links of several heads between the same tokens lie side by side. */
const STRAND_GAP = 4;

/** Draws links from the left column to the right over the whole canvas. */
export function paintLinks(canvas: HTMLCanvasElement, strands: Strand[], window: TokenWindow): void {
  const context = sizedContext(canvas);
  if (!context) return;
  const width = canvas.clientWidth;
  context.clearRect(0, 0, width, canvas.clientHeight);
  for (const { links, colour, dash } of strands) {
    context.strokeStyle = colour;
    context.setLineDash([...DASHES[dash % DASHES.length]!]);
    const offset = (dash - (strands.length - 1) / 2) * STRAND_GAP;
    pathsByStrength(links, window, width, offset).forEach((path, strength) => {
      const weight = (strength + 0.5) / STRENGTHS;
      context.lineWidth = linkWidth(weight);
      context.globalAlpha = linkOpacity(weight);
      context.stroke(path);
    });
  }
  context.globalAlpha = 1;
}

function pathsByStrength(links: Links, window: TokenWindow, width: number, offset: number): Path2D[] {
  const paths = Array.from({ length: STRENGTHS }, () => new Path2D());
  links.weight.forEach((weight, i) => {
    const path = paths[Math.min(STRENGTHS - 1, Math.floor(weight * STRENGTHS))]!;
    const [x0, y0, x1, y1, x2, y2, x3, y3] = linkCurve(window, links.from[i]!, links.to[i]!, 0, width);
    path.moveTo(x0, y0 + offset);
    path.bezierCurveTo(x1, y1 + offset, x2, y2 + offset, x3, y3 + offset);
  });
  return paths;
}

/** The context of a canvas with one pixel a pixel of the device, measured in CSS pixels; null without layout. */
export function sizedContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const scale = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
  if (width === 0 || height === 0) return null;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d');
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}
