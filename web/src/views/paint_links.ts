// SPDX-License-Identifier: Apache-2.0
import { DASHES, linkOpacity, linkWidth, rowMiddle, type TokenWindow } from './columns';
import { type Colour, compose, LinkRaster } from './link_raster';
import type { Links } from './links';

/** Links of one head and how they are told from those of others. */
export interface Strand {
  links: Links;
  /** As CSS writes it. */
  colour: string;
}

/** Links of several heads between the same tokens lie side by side. */
const STRAND_GAP = 4;
/** A slice of work, so that the page answers meanwhile. */
const SLICE_MS = 12;
const LINKS_BETWEEN_LOOKS = 32;

/** Draws links from the left to the right column of tokens over the whole of one canvas. */
export class LinkPainter {
  #rasters: LinkRaster[] = [];

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Strong links first, a slice in each frame. Returns what stops it. */
  paint(strands: Strand[], window: TokenWindow, ondone: () => void = () => {}): () => void {
    let slices: Iterator<void> | null = null;
    const step = () => {
      slices ??= this.#slices(strands, window);
      if (slices.next().done) ondone();
      else frame = requestAnimationFrame(step);
    };
    let frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }

  *#slices(strands: Strand[], window: TokenWindow): Generator<void, void, void> {
    const context = sizedContext(this.canvas);
    if (!context) return;
    const colours = strands.map(({ colour }) => rgbOf(context, colour));
    const image = context.createImageData(this.canvas.width, this.canvas.height);
    const rasters = this.#clearRasters(strands.length);
    const show = () => {
      compose(
        image.data,
        rasters.map(({ cover }, i) => ({ cover, colour: colours[i]! })),
      );
      context.putImageData(image, 0, 0);
    };
    let begin = performance.now();
    for (const [n, [strand, i]] of strongestFirst(strands).entries()) {
      drawLink(rasters[strand]!, strands[strand]!.links, i, { window, strand, of: strands.length });
      if (n % LINKS_BETWEEN_LOOKS > 0 || performance.now() - begin < SLICE_MS) continue;
      show();
      yield;
      begin = performance.now();
    }
    show();
  }

  #clearRasters(count: number): LinkRaster[] {
    const { width, height } = this.canvas;
    if (this.#rasters[0]?.width !== width || this.#rasters[0].height !== height) this.#rasters = [];
    while (this.#rasters.length < count) this.#rasters.push(new LinkRaster(width, height));
    const used = this.#rasters.slice(0, count);
    for (const raster of used) raster.clear();
    return used;
  }
}

/** Draws the links of a few tokens at once: few curves are faster as paths than as pixels. The result stops it. */
export function strokeLinks(canvas: HTMLCanvasElement, strands: Strand[], window: TokenWindow): () => void {
  const frame = requestAnimationFrame(() => {
    const context = sizedContext(canvas);
    if (!context) return;
    const width = canvas.clientWidth;
    context.clearRect(0, 0, width, canvas.clientHeight);
    for (const [strand, { links, colour }] of strands.entries()) {
      context.strokeStyle = colour;
      context.setLineDash([...dashOf(strand)]);
      const offset = offsetOf(strand, strands.length);
      for (const [i, weight] of links.weight.entries()) {
        const [y0, y1] = [links.from[i]!, links.to[i]!].map((token) => rowMiddle(window, token) + offset) as [
          number,
          number,
        ];
        context.lineWidth = linkWidth(weight);
        context.globalAlpha = linkOpacity(weight);
        context.beginPath();
        context.moveTo(0, y0);
        // The curve of LinkRaster.
        context.bezierCurveTo(width / 3, y0, (2 * width) / 3, y1, width, y1);
        context.stroke();
      }
    }
  });
  return () => cancelAnimationFrame(frame);
}

/** [strand, link] of all links. */
function strongestFirst(strands: Strand[]): [number, number][] {
  const all = strands.flatMap(({ links }, strand) => links.weight.map((_, i) => [strand, i] as [number, number]));
  const weight = ([strand, i]: [number, number]) => strands[strand]!.links.weight[i]!;
  return all.sort((a, b) => weight(b) - weight(a));
}

function drawLink(
  raster: LinkRaster,
  links: Links,
  i: number,
  { window, strand, of }: { window: TokenWindow; strand: number; of: number },
): void {
  const scale = globalThis.devicePixelRatio || 1;
  const height = (token: number) => scale * (rowMiddle(window, token) + offsetOf(strand, of));
  const weight = links.weight[i]!;
  const dash = dashOf(strand).map((length) => scale * length);
  raster.draw(height(links.from[i]!), height(links.to[i]!), scale * linkWidth(weight), linkOpacity(weight), dash);
}

const offsetOf = (strand: number, of: number) => (strand - (of - 1) / 2) * STRAND_GAP;
const dashOf = (strand: number) => DASHES[strand % DASHES.length]!;

/** What the canvas, with the colours of its place in the page, makes of a colour. */
function rgbOf(context: CanvasRenderingContext2D, colour: string): Colour {
  context.fillStyle = colour;
  context.fillRect(0, 0, 2, 2);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** The context of a canvas with one pixel a pixel of the device, measured in CSS pixels; null without layout. */
export function sizedContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
  const scale = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
  if (width === 0 || height === 0) return null;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}
