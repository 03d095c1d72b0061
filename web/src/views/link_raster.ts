// SPDX-License-Identifier: Apache-2.0
/**
 * How much of each pixel the links of one head cover. Thousands of curves as paths of a canvas take seconds without a
 * graphics card; these curves have one height for each column of pixels, which makes them simple to fill.
 */
export class LinkRaster {
  /** 0 to 1, row by row. */
  readonly cover: Float32Array;
  readonly #ease: Float64Array;
  readonly #slope: Float64Array;

  constructor(
    readonly width: number,
    readonly height: number,
  ) {
    this.cover = new Float32Array(width * height);
    const middle = (x: number) => (x + 0.5) / width;
    this.#ease = Float64Array.from({ length: width }, (_, x) => middle(x) ** 2 * (3 - 2 * middle(x)));
    this.#slope = Float64Array.from({ length: width }, (_, x) => (6 * middle(x) * (1 - middle(x))) / width);
  }

  clear(): void {
    this.cover.fill(0);
  }

  /** From the left edge at y0 to the right edge at y1, level at both ends. `dash`: lengths of strokes and gaps. */
  draw(y0: number, y1: number, thickness: number, opacity: number, dash: readonly number[] = []): void {
    const period = dash.reduce((sum, length) => sum + length, 0);
    let length = 0;
    for (let x = 0; x < this.width; ++x) {
      // A steep curve is cut by a column of pixels over a greater height.
      const slope = (y1 - y0) * this.#slope[x]!;
      const stretch = Math.sqrt(1 + slope * slope);
      const isStroke = period === 0 || inStroke(length % period, dash);
      length += stretch;
      if (isStroke) this.#fill(x, y0 + (y1 - y0) * this.#ease[x]!, (thickness * stretch) / 2, opacity);
    }
  }

  #fill(x: number, y: number, half: number, opacity: number): void {
    const { cover, width } = this;
    const begin = Math.max(0, y - half);
    const end = Math.min(this.height, y + half);
    for (let row = Math.floor(begin); row < end; ++row) {
      const part = Math.min(row + 1, end) - Math.max(row, begin);
      const at = row * width + x;
      cover[at]! += (1 - cover[at]!) * opacity * part;
    }
  }
}

function inStroke(at: number, dash: readonly number[]): boolean {
  let end = 0;
  for (const [i, length] of dash.entries()) {
    end += length;
    if (at < end) return i % 2 === 0;
  }
  return true;
}

export type Colour = readonly [number, number, number];

/** Layers of cover in their colours, the last on top, into bytes red, green, blue, alpha that were 0 or less covered. */
export function compose(pixels: Uint8ClampedArray, layers: { cover: Float32Array; colour: Colour }[]): void {
  for (let at = 0; at < pixels.length / 4; ++at) {
    let [red, green, blue, alpha] = [0, 0, 0, 0];
    for (const { cover, colour } of layers) {
      const part = cover[at]!;
      if (part === 0) continue;
      red += (colour[0] - red) * part;
      green += (colour[1] - green) * part;
      blue += (colour[2] - blue) * part;
      alpha += (1 - alpha) * part;
    }
    if (alpha === 0) continue;
    // Of colours multiplied by their alpha.
    const scale = 1 / alpha;
    pixels[4 * at] = red * scale;
    pixels[4 * at + 1] = green * scale;
    pixels[4 * at + 2] = blue * scale;
    pixels[4 * at + 3] = 255 * alpha;
  }
}
