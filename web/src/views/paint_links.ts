// SPDX-License-Identifier: Apache-2.0
import { DASHES, linkCurve, linkOpacity, linkWidth, type TokenWindow } from './columns';
import type { Links } from './links';

/** Links of one head and how they are told from those of others. */
export interface Strand {
  links: Links;
  colour: string;
  dash: number;
}

/** Links of so many strengths are drawn alike, strong ones first. */
const STRENGTHS = 12;
/** Links of several heads between the same tokens lie side by side. */
const STRAND_GAP = 4;
/** Curves of one path: one at a time is slow, and so are paths that cross themselves a thousand times. */
const BATCH = 24;
const BATCHES_A_FRAME = 40;

interface Batch {
  path: Path2D;
  strand: Strand;
  weight: number;
}

/**
 * Draws links from the left column to the right over the whole canvas, some in each frame so that the page answers
 * meanwhile. Returns what stops it.
 */
export function paintLinks(
  canvas: HTMLCanvasElement,
  strands: Strand[],
  window: TokenWindow,
  ondone: () => void = () => {},
): () => void {
  let batches: Batch[] | null = null;
  let next = 0;
  let frame = requestAnimationFrame(paint);
  function paint(): void {
    const context = sizedContext(canvas);
    if (!context) return;
    if (!batches) {
      context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
      batches = batchesOf(strands, window, canvas.clientWidth);
    }
    for (const end = next + BATCHES_A_FRAME; next < Math.min(end, batches.length); ++next)
      stroke(context, batches[next]!);
    if (next < batches.length) frame = requestAnimationFrame(paint);
    else ondone();
  }
  return () => cancelAnimationFrame(frame);
}

function stroke(context: CanvasRenderingContext2D, { path, strand, weight }: Batch): void {
  context.strokeStyle = strand.colour;
  context.setLineDash([...DASHES[strand.dash % DASHES.length]!]);
  context.lineWidth = linkWidth(weight);
  context.globalAlpha = linkOpacity(weight);
  context.stroke(path);
}

function batchesOf(strands: Strand[], window: TokenWindow, width: number): Batch[] {
  const all = strands.flatMap((strand, i) => {
    const offset = (i - (strands.length - 1) / 2) * STRAND_GAP;
    return linksByStrength(strand.links).flatMap((links, strength) =>
      chunks(links, BATCH).map((chunk) => ({
        path: pathOf(strand.links, chunk, window, width, offset),
        strand,
        weight: (strength + 0.5) / STRENGTHS,
      })),
    );
  });
  return all.sort((a, b) => b.weight - a.weight);
}

function linksByStrength(links: Links): number[][] {
  const groups = Array.from({ length: STRENGTHS }, () => [] as number[]);
  links.weight.forEach((weight, i) => {
    groups[Math.min(STRENGTHS - 1, Math.floor(weight * STRENGTHS))]!.push(i);
  });
  return groups;
}

function chunks(items: number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function pathOf(links: Links, chosen: number[], window: TokenWindow, width: number, offset: number): Path2D {
  const path = new Path2D();
  for (const i of chosen) {
    const [x0, y0, x1, y1, x2, y2, x3, y3] = linkCurve(window, links.from[i]!, links.to[i]!, 0, width);
    path.moveTo(x0, y0 + offset);
    path.bezierCurveTo(x1, y1 + offset, x2, y2 + offset, x3, y3 + offset);
  }
  return path;
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
