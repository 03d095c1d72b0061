// SPDX-License-Identifier: Apache-2.0
import { byteThresholds, fitCanvas, pixelBox, type Ranges, rangesOf } from './cells';
import { thresholdsOf } from './color';
import { wholeRanges } from './paint';
import type { Box, Look, Matrix, Renderer, Window } from './renderer';
import { FRAGMENT, VERTEX } from './shaders';
import { LookTextures, MatrixTextures, ThumbnailTextures, UNITS } from './textures';

/** x, y, width, height, layer, row of ranges for columns, row of ranges for rows. */
const INSTANCE = 7;

/** The one context of the page. Its canvas is never shown; pictures are copied into plain canvases. */
export class WebGL2Renderer implements Renderer {
  readonly kind = 'webgl2';
  readonly #canvas = document.createElement('canvas');
  readonly #gl: WebGL2RenderingContext;
  readonly #program: WebGLProgram;
  readonly #looks: LookTextures;
  readonly #matrices: MatrixTextures;
  #thumbnails: ThumbnailTextures | null = null;

  /** Throws where there is no WebGL2, or, unless `orProcessor`, none that a graphics card does. */
  constructor(orProcessor: boolean) {
    const gl = this.#canvas.getContext('webgl2', {
      antialias: false,
      depth: false,
      failIfMajorPerformanceCaveat: !orProcessor,
    });
    if (!gl || (!orProcessor && PROCESSORS.test(rendererOf(gl)))) throw new Error('no WebGL2');
    this.#gl = gl;
    this.#program = link(gl);
    gl.useProgram(this.#program);
    gl.disable(gl.DITHER);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    for (const [location, size, offset] of [
      [0, 4, 0],
      [1, 3, 16],
    ] as const) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribIPointer(location, size, gl.INT, 4 * INSTANCE, offset);
      gl.vertexAttribDivisor(location, 1);
    }
    for (const [name, unit] of Object.entries(UNITS)) gl.uniform1i(this.#uniform(name), unit);
    this.#looks = new LookTextures(gl);
    this.#matrices = new MatrixTextures(gl);
  }

  get lost(): boolean {
    return this.#gl.isContextLost();
  }

  /** The key of the thumbnails that are there. */
  get thumbnails(): string | undefined {
    return this.#thumbnails?.key;
  }

  setThumbnails(key: string, bytes: Uint8Array, count: number, size: number): void {
    this.#thumbnails?.dispose();
    this.#thumbnails = new ThumbnailTextures(this.#gl, key, bytes, count, size);
  }

  drawThumbnails(canvas: HTMLCanvasElement, key: string, cells: { index: number; box: Box }[], look: Look): void {
    const gl = this.#gl;
    const ratio = fitCanvas(canvas);
    const thumbnails = this.#thumbnails;
    this.#begin(canvas, true);
    if (thumbnails?.key === key) {
      this.#looks.setLook(look, byteThresholds(look));
      const rows = new RangeRows((pixels) => wholeRanges(pixels, thumbnails.size));
      const groups = new Map<number, number[]>();
      for (const { index, box } of cells) {
        if (index < 0 || index >= thumbnails.count) continue;
        const { x, y, width, height } = pixelBox(box, ratio);
        const array = Math.floor(index / thumbnails.perArray);
        const group = groups.get(array) ?? [];
        group.push(x, y, width, height, index % thumbnails.perArray, rows.at(width), rows.at(height));
        groups.set(array, group);
      }
      if (groups.size > 0) this.#looks.setRanges(rows.ranges);
      for (const [array, group] of groups) {
        gl.activeTexture(gl.TEXTURE0 + UNITS.cells);
        gl.bindTexture(gl.TEXTURE_2D_ARRAY, thumbnails.arrays[array]!);
        this.#drawBoxes(group);
      }
    }
    this.#copyTo(canvas);
  }

  drawMatrix(canvas: HTMLCanvasElement, matrix: Matrix, window: Window, look: Look): void {
    fitCanvas(canvas);
    const { width, height } = canvas;
    this.#begin(canvas, false);
    if (matrix.values.length > 0 && width > 0 && height > 0) {
      this.#looks.setLook(look, thresholdsOf(look));
      this.#looks.setRanges([
        rangesOf(width, window.column0, window.column1, matrix.columns),
        rangesOf(height, window.row0, window.row1, matrix.rows),
      ]);
      this.#matrices.bind(matrix);
      this.#drawBoxes([0, 0, width, height, 0, 0, 1]);
    }
    this.#copyTo(canvas);
  }

  dispose(): void {
    this.#thumbnails = null;
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #begin({ width, height }: HTMLCanvasElement, bytes: boolean): void {
    const gl = this.#gl;
    if (this.#canvas.width < width) this.#canvas.width = width;
    if (this.#canvas.height < height) this.#canvas.height = height;
    gl.viewport(0, 0, width, height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2i(this.#uniform('size'), width, height);
    gl.uniform1i(this.#uniform('bytes'), bytes ? 1 : 0);
  }

  #drawBoxes(instances: number[]): void {
    const gl = this.#gl;
    gl.bufferData(gl.ARRAY_BUFFER, Int32Array.from(instances), gl.STREAM_DRAW);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, instances.length / INSTANCE);
  }

  /** The viewport is at the lower left of the hidden canvas. */
  #copyTo(canvas: HTMLCanvasElement): void {
    const context = canvas.getContext('2d');
    const { width, height } = canvas;
    if (!context || width === 0 || height === 0) return;
    context.globalCompositeOperation = 'copy';
    context.drawImage(this.#canvas, 0, this.#canvas.height - height, width, height, 0, 0, width, height);
    context.globalCompositeOperation = 'source-over';
  }

  #uniform(name: string): WebGLUniformLocation | null {
    return this.#gl.getUniformLocation(this.#program, name);
  }
}

/** Ranges by their number of pixels, each once. */
class RangeRows {
  readonly ranges: Ranges[] = [];
  #row = new Map<number, number>();

  constructor(private readonly make: (pixels: number) => Ranges) {}

  at(pixels: number): number {
    const row = this.#row.get(pixels) ?? this.ranges.push(this.make(pixels)) - 1;
    this.#row.set(pixels, row);
    return row;
  }
}

/** Stand-ins for a graphics card that not every browser calls a caveat. */
const PROCESSORS = /swiftshader|llvmpipe|software|basic render/i;

function rendererOf(gl: WebGL2RenderingContext): string {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type);
    if (!shader) throw new Error('the graphics card was lost');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? 'shader');
  return program;
}
