// SPDX-License-Identifier: Apache-2.0
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, open, settled } from './support/browser';
import { NO_PROGRAM, SENTENCE, Workplace } from './support/program';

describe.skipIf(NO_PROGRAM)('WebGL and Canvas2D', () => {
  let work: Workplace;
  let withGl: Browser;
  let without: Browser;
  const files: string[] = [];

  beforeAll(async () => {
    work = new Workplace();
    files.push(work.page('short', [SENTENCE]), work.page('u8', [`${SENTENCE} `.repeat(9)], '--data', 'u8', '--no-ablation'));
    withGl = await launch();
    without = await launch('--disable-3d-apis');
  });
  afterAll(async () => {
    await withGl?.close();
    await without?.close();
    work?.remove();
  });

  async function pictures(browser: Browser, file: string, hash: string): Promise<{ kind: string; images: PNG[] }> {
    const { page } = await open(browser, file, hash);
    await settled(page);
    const images: PNG[] = [];
    for (const canvas of await page.locator('main canvas').all()) images.push(PNG.sync.read(await canvas.screenshot()));
    const kind = await kindOf(page);
    await page.context().close();
    return { kind, images };
  }

  const kindOf = (page: Page) =>
    page.evaluate(() => document.querySelector('#attnscope > div')?.shadowRoot?.querySelector('[data-renderer]')?.getAttribute('data-renderer') ?? '');

  for (const hash of [
    'view=model',
    'view=model&transform=linear&palette=viridis',
    'view=model&transform=log&range=unit',
    'view=head&headForm=matrix&layer=1&head=3',
    'view=layers',
    'view=compare',
  ]) {
    test(`draw the same for ${hash}`, async () => {
      for (const file of files) {
        const gl = await pictures(withGl, file, hash);
        const plain = await pictures(without, file, hash);
        expect([gl.kind, plain.kind]).toEqual(['webgl2', 'canvas2d']);
        expect(gl.images.length).toBeGreaterThan(0);
        expect(gl.images.length).toBe(plain.images.length);
        gl.images.forEach((image, i) => {
          expect(largestDifference(image, plain.images[i]!)).toBeLessThanOrEqual(2);
          expect(colours(image)).toBeGreaterThan(5);
        });
      }
    });
  }
});

function largestDifference(left: PNG, right: PNG): number {
  expect([left.width, left.height]).toEqual([right.width, right.height]);
  let largest = 0;
  for (let i = 0; i < left.data.length; ++i) largest = Math.max(largest, Math.abs(left.data[i]! - right.data[i]!));
  return largest;
}

function colours(image: PNG): number {
  const found = new Set<number>();
  for (let i = 0; i < image.data.length; i += 4) found.add(image.data.readUInt32BE(i));
  return found.size;
}
