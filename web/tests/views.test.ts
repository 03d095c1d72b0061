// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch } from './chromium';
import { MISSING, SENTENCE, Workplace } from './program';
import { differs } from './screenshots';
import { open, settled, violations } from './watched_page';

const VIEWS = ['words', 'head', 'model', 'query-key', 'heads', 'layers', 'compare'];

describe.skipIf(MISSING)('A page from disk', () => {
  let work: Workplace;
  let browser: Browser;
  let page: string;

  beforeAll(async () => {
    work = new Workplace();
    page = work.page('two', [SENTENCE, 'Mary Jones works for Siemens in Berlin.']);
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    work?.remove();
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const view of VIEWS) {
      test(`shows ${view} in ${scheme} without errors, requests or barriers, and as it was seen before`, async () => {
        const watched = await open(browser, page, `view=${view}`, { colorScheme: scheme, reducedMotion: 'reduce' });
        await settled(watched.page);
        expect(await watched.page.locator('nav button[aria-current]').innerText()).toMatch(/\w/);
        expect(await violations(watched.page)).toEqual([]);
        expect(await differs(watched.page, `${view}-${scheme}`)).toBe('');
        expect(watched.errors).toEqual([]);
        expect(watched.requests).toEqual([]);
        await watched.page.context().close();
      });
    }
  }

  test('lets the views be told apart by their names in the address and the rail', async () => {
    const { page: shown } = await open(browser, page);
    for (const button of await shown.getByRole('navigation').getByRole('button').all()) {
      await button.click();
      const name = (await button.innerText()).split('\n')[0] ?? '';
      await shown.getByRole('heading', { name, level: 2 }).waitFor({ state: 'attached' });
    }
    expect(shown.url()).toContain('view=compare');
    await shown.context().close();
  });

  test('reflows for a width of 320 pixels, as zoom to 400 % gives', async () => {
    for (const view of VIEWS) {
      const { page: shown } = await open(browser, page, `view=${view}`, { viewport: { width: 320, height: 600 } });
      await settled(shown);
      const wide = await shown.evaluate(() => {
        const frame = document.querySelector('#attnscope > div')?.shadowRoot?.querySelector('.frame');
        return frame ? frame.scrollWidth - frame.clientWidth : -1;
      });
      expect(wide, view).toBe(0);
      await shown.context().close();
    }
  });

  test('is usable in forced colours and with more contrast', async () => {
    for (const options of [{ forcedColors: 'active' as const }, { contrast: 'more' as const }]) {
      const { page: shown, errors } = await open(browser, page, 'view=words', options);
      await settled(shown);
      expect(await violations(shown)).toEqual([]);
      expect(errors).toEqual([]);
      await shown.context().close();
    }
  });
});
