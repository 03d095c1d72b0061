// SPDX-License-Identifier: Apache-2.0
import { Canvas2DRenderer } from './canvas2d';
import type { Box, Look, Matrix, Renderer, Window } from './renderer';
import { WebGL2Renderer } from './webgl2';

/** A browser has few WebGL contexts, so that all that is shown in a page, from however many modules, shares one. */
interface Shared {
  renderer: WebGL2Renderer | null;
  users: number;
  lost: number;
}
const KEY = Symbol.for('attnscope.webgl2.1');
const page = globalThis as { [KEY]?: Shared };
page[KEY] ??= { renderer: null, users: 0, lost: 0 };
const shared = page[KEY];

/** A graphics card that was lost as often is not tried again. */
const MOST_LOST = 2;
let instances = 0;

/**
 * WebGL2 where there is a graphics card, else Canvas2D: where the processor has to stand in for the card, Canvas2D is
 * faster. `preference` is for tests: Canvas2D always, or WebGL2 even without a card.
 */
export function createRenderer(preference?: Renderer['kind']): Renderer {
  return new PageRenderer(preference);
}

/** Draws with the best that works, and goes on when the graphics card is lost. */
class PageRenderer implements Renderer {
  readonly #id = `${Math.random()}/${++instances}`;
  readonly #plain = new Canvas2DRenderer();
  #user: boolean;
  #changed = false;
  #thumbnails: { key: string; bytes: Uint8Array; count: number; size: number } | null = null;

  constructor(private readonly preference?: Renderer['kind']) {
    this.#user = preference !== 'canvas2d';
    if (!this.#user) return;
    ++shared.users;
    this.#working(); // finding out what works takes up to 0.2 s: before the data come, not after
  }

  get kind(): Renderer['kind'] {
    return this.#working().kind;
  }

  setThumbnails(key: string, bytes: Uint8Array, count: number, size: number): void {
    this.#thumbnails = { key, bytes, count, size };
    this.#changed = true;
  }

  drawThumbnails(canvas: HTMLCanvasElement, key: string, cells: { index: number; box: Box }[], look: Look): void {
    const renderer = this.#working();
    const mine = `${this.#id}/${key}`;
    const given = this.#thumbnails;
    if (given?.key === key && (renderer.thumbnails !== mine || this.#changed)) {
      renderer.setThumbnails(mine, given.bytes, given.count, given.size);
      this.#changed = false;
    }
    renderer.drawThumbnails(canvas, mine, cells, look);
  }

  drawMatrix(canvas: HTMLCanvasElement, matrix: Matrix, window: Window, look: Look): void {
    this.#working().drawMatrix(canvas, matrix, window, look);
  }

  dispose(): void {
    this.#thumbnails = null;
    this.#plain.dispose();
    if (!this.#user) return;
    this.#user = false;
    if (--shared.users > 0) return;
    shared.renderer?.dispose();
    shared.renderer = null;
  }

  #working(): WebGL2Renderer | Canvas2DRenderer {
    return (this.#user && workingCard(this.preference === 'webgl2')) || this.#plain;
  }
}

function workingCard(orProcessor: boolean): WebGL2Renderer | null {
  if (shared.renderer?.lost) {
    ++shared.lost;
    shared.renderer = null;
  }
  if (!shared.renderer && shared.lost < MOST_LOST) {
    try {
      shared.renderer = new WebGL2Renderer(orProcessor);
    } catch {
      shared.lost = MOST_LOST;
    }
  }
  return shared.renderer;
}
