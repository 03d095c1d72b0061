// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, launch } from './chromium';
import type { results } from './render_page';

type Results = Awaited<ReturnType<typeof results>>;

/** The page's module as text, without writing a file. */
async function bundle(): Promise<string> {
  const built = await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      lib: { entry: 'render_page.ts', formats: ['iife'], name: 'page' },
    },
  });
  const [output] = Array.isArray(built) ? built : [built];
  if (!output || !('output' in output)) throw new Error('nothing was built');
  return output.output[0].code;
}

describe.skipIf(!CHROMIUM)('the renderers in Chromium (skipped where there is none)', () => {
  let browser: Browser;
  const found = new Map<number, Results>();

  beforeAll(async () => {
    browser = await launch();
    const code = await bundle();
    for (const ratio of [1, 1.5]) {
      const page = await browser.newPage({ deviceScaleFactor: ratio });
      await page.addScriptTag({ content: code });
      found.set(ratio, await page.evaluate<Results>('page.results()'));
      await page.close();
    }
  }, 120000);
  afterAll(() => browser?.close());

  it('are two', () => {
    for (const { kinds } of found.values()) expect(kinds).toEqual(['webgl2', 'canvas2d']);
  });

  it('draw the same pixels', () => {
    for (const { matrices, thumbnails } of found.values()) {
      const all = [...matrices, ...thumbnails];
      expect(all.filter(({ different }) => different > 0)).toEqual([]);
      expect(all.filter(({ name, colors }) => !name.startsWith('1 ') && colors < 5)).toEqual([]);
    }
  });

  it('go on when the graphics card is lost, without it after the second time', () => {
    for (const { losing } of found.values()) {
      expect(losing).toEqual([
        'webgl2 255,255,255,255 8,14,38,255',
        'webgl2 255,255,255,255 8,14,38,255',
        'canvas2d 255,255,255,255 8,14,38,255',
      ]);
    }
  });

  it('draw an overview of 72 heads; the time is reported, not judged', () => {
    console.log(`overview of 72 heads without a graphics card: ${found.get(1)!.overview.toFixed(0)} ms`);
    expect(found.get(1)!.overview).toBeGreaterThan(0);
  });
});
