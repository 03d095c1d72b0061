// SPDX-License-Identifier: Apache-2.0
/** What the test of the renderers runs in a browser. */
import { createRenderer } from '../src/render/create';
import type { Look, PaletteName, Renderer, Transform } from '../src/render/renderer';
import { randomNumbers } from '../src/testing/synthetic';

const random = randomNumbers(11);

function newCanvas(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  document.body.append(canvas);
  return canvas;
}

function pixelsOf(canvas: HTMLCanvasElement): Uint8ClampedArray {
  return canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data;
}

interface Difference {
  name: string;
  pixels: number;
  different: number;
  colors: number;
}

/** Draws with both renderers and counts pixels that differ. */
function compare(
  name: string,
  size: [number, number],
  draw: (renderer: Renderer, canvas: HTMLCanvasElement) => void,
): Difference {
  const [one, two] = renderers.map((renderer) => {
    const canvas = newCanvas(...size);
    draw(renderer, canvas);
    const data = new Uint32Array(pixelsOf(canvas).buffer);
    canvas.remove();
    return data;
  }) as [Uint32Array, Uint32Array];
  let different = one.length === two.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < one.length; ++i) if (one[i] !== two[i]) ++different;
  return { name, pixels: one.length, different, colors: new Set(one).size };
}

const renderers = [createRenderer('webgl2'), createRenderer('canvas2d')] as const;

function matrices(): Difference[] {
  const results: Difference[] = [];
  for (const n of [1, 7, 64, 333]) {
    for (const palette of ['cividis', 'paper', 'difference'] as PaletteName[]) {
      for (const transform of ['sqrt', 'linear', 'log'] as Transform[]) {
        const signed = palette === 'difference';
        const values = Float32Array.from({ length: n * n }, () => random() ** 6 * (signed && random() < 0.5 ? -1 : 1));
        const look: Look = { palette, transform, top: 0.6 };
        if (transform !== 'log')
          look.hidden = Uint8Array.from({ length: n }, (_, i) => (i === 0 || i === n - 1 ? 1 : 0));
        const matrix = { values, rows: n, columns: n };
        for (const [row0, row1, column0, column1] of [
          [0, n, 0, n],
          [n * 0.1, n * 0.3, n * 0.25, n * 0.9],
          [-1, n + 1, -0.5, n],
        ] as const) {
          const window = { row0, row1, column0, column1 };
          results.push(
            compare(`${n} ${palette} ${transform} ${row0}`, [150, 101], (renderer, canvas) =>
              renderer.drawMatrix(canvas, matrix, window, look),
            ),
          );
        }
      }
    }
  }
  return results;
}

function thumbnails(): Difference[] {
  const results: Difference[] = [];
  for (const [count, size, edge] of [
    [72, 9, 30.4],
    [72, 64, 41.3],
    [384, 64, 24],
  ] as const) {
    const bytes = Uint8Array.from({ length: count * size * size }, () => 255 * random() ** 3);
    for (const renderer of renderers) renderer.setThumbnails('t', bytes, count, size);
    const columns = 24;
    const cells = Array.from({ length: count }, (_, index) => ({
      index,
      box: {
        x: 3.3 + (index % columns) * (edge + 2),
        y: 5 + Math.floor(index / columns) * (edge + 2),
        width: edge,
        height: edge,
      },
    }));
    const look: Look = {
      palette: 'viridis',
      transform: 'sqrt',
      top: 0.8,
      hidden: Uint8Array.from({ length: size }, (_, i) => Number(i === 0)),
    };
    const height = Math.ceil(count / columns) * (edge + 2) + 10;
    results.push(
      compare(`${count} of ${size}`, [columns * (edge + 2) + 10, Math.ceil(height)], (renderer, canvas) =>
        renderer.drawThumbnails(canvas, 't', cells, look),
      ),
    );
  }
  return results;
}

const page = globalThis as { [shared: symbol]: { renderer: Renderer | null } | undefined };

/** Draws before and after the graphics card is lost, twice. */
async function losing(): Promise<string[]> {
  const canvas = newCanvas(20, 20);
  const renderer = createRenderer('webgl2');
  const matrix = { values: Float32Array.of(0, 1, 1, 0), rows: 2, columns: 2 };
  renderer.setThumbnails('t', Uint8Array.of(255), 1, 1);
  const seen: string[] = [];
  for (let i = 0; i < 3; ++i) {
    renderer.drawMatrix(
      canvas,
      matrix,
      { row0: 0, row1: 2, column0: 0, column1: 2 },
      { palette: 'paper', transform: 'linear', top: 1 },
    );
    const matrixPixel = pixelsOf(canvas).slice(0, 4).join();
    renderer.drawThumbnails(canvas, 't', [{ index: 0, box: { x: 0, y: 0, width: 20, height: 20 } }], {
      palette: 'paper',
      transform: 'linear',
      top: 1,
    });
    seen.push(`${renderer.kind} ${matrixPixel} ${pixelsOf(canvas).slice(0, 4).join()}`);
    page[Symbol.for('attnscope.webgl2.1')]?.renderer?.dispose();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return seen;
}

/** Milliseconds of the first picture of an overview at 512 tokens without a graphics card: the best of some. */
function overviewTime(): number {
  const bytes = Uint8Array.from({ length: 72 * 64 * 64 }, () => 255 * random());
  const canvas = newCanvas(1200, 600);
  const cells = Array.from({ length: 72 }, (_, index) => ({
    index,
    box: { x: (index % 12) * 98, y: Math.floor(index / 12) * 98, width: 96, height: 96 },
  }));
  const times = Array.from({ length: 7 }, (_, i) => {
    const begin = performance.now();
    renderers[1].setThumbnails(`time${i}`, bytes, 72, 64);
    renderers[1].drawThumbnails(canvas, `time${i}`, cells, { palette: 'cividis', transform: 'sqrt', top: 1 });
    pixelsOf(canvas);
    return performance.now() - begin;
  });
  return Math.min(...times);
}

export const results = async () => ({
  kinds: renderers.map((renderer) => renderer.kind),
  matrices: matrices(),
  thumbnails: thumbnails(),
  overview: overviewTime(),
  losing: await losing(),
});
