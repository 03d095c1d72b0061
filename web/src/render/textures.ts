// SPDX-License-Identifier: Apache-2.0
import { colorsOf, type Ranges } from './cells';
import type { Look } from './renderer';

/** Texture units, by the name of the sampler. */
export const UNITS = { cells: 0, ranges: 1, hidden: 2, thresholds: 3, colors: 4 } as const;

/** A texture whose texels are read one by one. */
export function newTexture(gl: WebGL2RenderingContext, unit: number, target: number = gl.TEXTURE_2D): WebGLTexture {
  const texture = gl.createTexture();
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(target, texture);
  gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  return texture;
}

/** The small tables of a drawing, replaced for each. */
export class LookTextures {
  constructor(private readonly gl: WebGL2RenderingContext) {
    for (const unit of [UNITS.ranges, UNITS.hidden, UNITS.thresholds, UNITS.colors]) newTexture(gl, unit);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  }

  setLook(look: Look, thresholds: Float32Array): void {
    const { gl } = this;
    const hidden = look.hidden ?? Uint8Array.of(0);
    this.#bind(UNITS.hidden);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, hidden.length, 1, 0, gl.RED, gl.UNSIGNED_BYTE, hidden);
    this.#bind(UNITS.thresholds);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, thresholds.length, 1, 0, gl.RED, gl.FLOAT, thresholds);
    this.#bind(UNITS.colors);
    const colors = multiplied(colorsOf(look));
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, colors.length / 4, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, colors);
  }

  /** One row of the texture for each; the shorter ones are filled up. */
  setRanges(rows: Ranges[]): void {
    const { gl } = this;
    const width = Math.max(...rows.map((row) => row.length));
    const data = new Int32Array(width * rows.length);
    rows.forEach((row, i) => {
      data.set(row, i * width);
    });
    this.#bind(UNITS.ranges);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RG32I, width / 2, rows.length, 0, gl.RG_INTEGER, gl.INT, data);
  }

  #bind(unit: number): void {
    this.gl.activeTexture(this.gl.TEXTURE0 + unit);
  }
}

/** The canvas wants colours multiplied by their alpha. */
function multiplied(colors: Uint8ClampedArray): Uint8Array {
  return Uint8Array.from(colors, (value, i) =>
    i % 4 === 3 ? value : Math.round((value * colors[i - (i % 4) + 3]!) / 255),
  );
}

/** Pictures of bytes, in as many array textures as the card's limit of layers asks for. */
export class ThumbnailTextures {
  readonly arrays: WebGLTexture[] = [];
  readonly perArray: number;

  constructor(
    private readonly gl: WebGL2RenderingContext,
    readonly key: string,
    bytes: Uint8Array,
    readonly count: number,
    readonly size: number,
  ) {
    this.perArray = gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS) as number;
    for (let first = 0; first < count; first += this.perArray) {
      const layers = Math.min(this.perArray, count - first);
      const part = bytes.subarray(first * size * size, (first + layers) * size * size);
      this.arrays.push(newTexture(gl, UNITS.cells, gl.TEXTURE_2D_ARRAY));
      gl.texImage3D(gl.TEXTURE_2D_ARRAY, 0, gl.R8, size, size, layers, 0, gl.RED, gl.UNSIGNED_BYTE, part);
    }
  }

  dispose(): void {
    for (const array of this.arrays) this.gl.deleteTexture(array);
  }
}

/** How many matrices stay on the card. */
const KEPT = 16;

/** Matrices on the card, the ones used last; known by their array. */
export class MatrixTextures {
  #kept = new Map<Float32Array, WebGLTexture>();

  constructor(private readonly gl: WebGL2RenderingContext) {}

  bind({ values, rows, columns }: { values: Float32Array; rows: number; columns: number }): void {
    const { gl } = this;
    const known = this.#kept.get(values);
    if (known) {
      gl.activeTexture(gl.TEXTURE0 + UNITS.cells);
      gl.bindTexture(gl.TEXTURE_2D_ARRAY, known);
      this.#kept.delete(values);
      this.#kept.set(values, known);
      return;
    }
    const texture = newTexture(gl, UNITS.cells, gl.TEXTURE_2D_ARRAY);
    gl.texImage3D(gl.TEXTURE_2D_ARRAY, 0, gl.R32F, columns, rows, 1, 0, gl.RED, gl.FLOAT, values);
    this.#kept.set(values, texture);
    if (this.#kept.size <= KEPT) return;
    const [oldest, old] = this.#kept.entries().next().value!;
    this.#kept.delete(oldest);
    gl.deleteTexture(old);
  }
}
