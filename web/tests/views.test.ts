// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
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

  /** What the views can show beside what they open with: an address, and what is done there. */
  const STATES: [string, string, ((page: Page) => Promise<unknown>)?][] = [
    ['a chosen word', 'view=words&selected=5', (shown) => shown.locator('[data-place]').nth(2).hover()],
    ['a phrase, all of the range', 'view=words&selected=2-4&range=percentile&transform=log'],
    ['no answer', 'view=words&selected=3&measure=gradient'],
    ['four heads as links', 'view=head&layer=4&head=6&pinned=4.6,4.7,1.1,2.2&selected=3'],
    ['four heads as matrices', 'view=head&headForm=matrix&layer=4&head=6&pinned=4.6,4.7,1.1,2.2'],
    ['a table of a head', 'view=head', (shown) => shown.getByRole('button', { name: 'Table' }).click()],
    ['pinned heads, sorted', 'view=model&pinned=0.1,2.3&sortHeads=entropy&special=hide'],
    ['chosen tokens', 'view=query-key&from=3&to=5'],
    ['the map of heads', 'view=heads&headTab=map'],
    ['a sorted table of heads', 'view=heads&headSort=-entropy'],
    ['one layer', 'view=layers&layers=2'],
    ['two texts', 'view=compare&compare=document:0:1&pairs=1.1'],
    ['two layers', 'view=compare&compare=layer:0:5'],
    ['two heads', 'view=compare&compare=head:0.1:5.2'],
    ['help', 'view=words', (shown) => shown.getByRole('button', { name: 'Help and keys' }).click()],
    ['an open menu', 'view=model', (shown) => shown.getByRole('button', { name: 'Copy as' }).click()],
    ['the modules', 'view=words', (shown) => shown.getByRole('button', { name: 'Modules' }).click()],
  ];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [name, hash, act] of STATES) {
      test(`has no barriers in ${colorScheme} with ${name}`, async () => {
        const { page: shown, errors } = await open(browser, page, hash, { colorScheme });
        await settled(shown);
        await act?.(shown);
        expect(await violations(shown)).toEqual([]);
        expect(errors).toEqual([]);
        await shown.context().close();
      });
    }
  }

  test('makes a figure of every view, with a colour bar where colours are numbers', async () => {
    for (const view of VIEWS) {
      const { page: shown, errors } = await open(browser, page, `view=${view}`);
      await settled(shown);
      await shown.getByRole('button', { name: /^Figure/ }).click();
      const download = shown.waitForEvent('download');
      await shown.getByRole('button', { name: /^SVG/ }).click();
      const svg = readFileSync(await (await download).path(), 'utf8');
      expect(svg, view).toContain('<metadata>');
      expect(/· range (0-1|to the)/.test(svg), view).toBe(view !== 'heads');
      expect(errors).toEqual([]);
      await shown.context().close();
    }
  });

  test('compares the two texts of a page, the layers of a page with one', async () => {
    const one = work.page('one', [SENTENCE]);
    for (const [file, kind, sides] of [
      [page, 'document', ['0', '1']],
      [one, 'layer', ['0', '1']],
    ] as const) {
      const { page: shown } = await open(browser, file, 'view=compare');
      await settled(shown);
      const value = (label: string) => shown.locator(`main label:has(span:text-is("${label}")) select`).inputValue();
      expect(await value('compare')).toBe(kind);
      expect([await value('A'), await value('B')]).toEqual(sides);
      await shown.context().close();
    }
  });

  test('lets the views be told apart by their names in the address and the rail', async () => {
    const { page: shown } = await open(browser, page);
    for (const button of await shown.getByRole('navigation').getByRole('button').all()) {
      await button.click();
      const name = (await button.innerText()).split('\n')[0] ?? '';
      await shown.getByRole('heading', { name, level: 2 }).waitFor({ state: 'attached' });
    }
    await expect.poll(() => shown.url()).toContain('view=compare');
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
