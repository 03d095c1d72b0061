// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { randomNumbers } from '../src/testing/synthetic';
import { launch } from './chromium';
import { MISSING, SENTENCE, Workplace } from './program';
import { open, readOut, settled, stateOf } from './watched_page';

describe.skipIf(MISSING)('With the keyboard alone', () => {
  let work: Workplace;
  let browser: Browser;
  let file: string;
  let page: Page;

  beforeAll(async () => {
    work = new Workplace();
    file = work.page('two', [SENTENCE, 'Mary Jones works for Siemens in Berlin.']);
    browser = await launch();
  });
  beforeEach(async () => {
    page = (await open(browser, file)).page;
    await settled(page);
  });
  afterEach(() => page.context().close());
  afterAll(async () => {
    await browser?.close();
    work?.remove();
  });

  /** Tab until an element of that role and name has the focus. */
  async function tabTo(role: string, name: RegExp): Promise<void> {
    for (let i = 0; i < 80; ++i) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate(() => {
        let element: Element | null = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        const box = element?.getBoundingClientRect();
        return {
          role: element?.getAttribute('role') ?? element?.tagName.toLowerCase() ?? '',
          name: element?.getAttribute('aria-label') ?? element?.textContent ?? '',
          small: Boolean(box && (box.width < 1 || box.height < 1)),
        };
      });
      if (focused.role === role && name.test(focused.name)) return;
    }
    throw new Error(`Tab never came to a ${role} named ${name}`);
  }

  test('every view opens from the rail and by its number', async () => {
    await tabTo('button', /^Model/);
    await page.keyboard.press('Enter');
    await settled(page);
    await expect.poll(() => stateOf(page).get('view')).toBe('model');
    await tabTo('grid', /./);
    await page.keyboard.press('2');
    await settled(page);
    await expect.poll(() => stateOf(page).get('view')).toBe('head');
  });

  test('words are chosen, extended and left with arrows, Enter, Shift and Escape', async () => {
    await tabTo('option', /./);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    expect(await readOut(page)).toContain('Smith');
    await page.keyboard.press('Enter');
    const chosen = page.getByRole('listbox').getByRole('option', { selected: true });
    expect((await chosen.allInnerTexts()).join(' ')).toContain('Smith');
    expect(await chosen.count()).toBe(1);
    await page.keyboard.press('Shift+ArrowRight');
    expect(await chosen.count()).toBe(2);
    await page.keyboard.press('Escape');
    await expect.poll(() => stateOf(page).get('selected')).toBeNull();
    await page.keyboard.press('Control+z');
    await expect.poll(() => stateOf(page).get('selected')).not.toBeNull();
  });

  test('the cell of a head moves with arrows, layers and heads with brackets, comma and point', async () => {
    await page.goto(`${page.url().replace(/#.*/, '')}#view=head&headForm=matrix&layer=2&head=5`);
    await settled(page);
    await tabTo('grid', /./);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await readOut(page)).toMatch(/L2 H5.*\d\.\d{4}/);
    await page.keyboard.press(']');
    await page.keyboard.press('.');
    await settled(page);
    await expect.poll(() => ['layer', 'head'].map((key) => stateOf(page).get(key))).toEqual(['3', '6']);
  });

  test('a head of the grid opens with Enter and is pinned with p', async () => {
    await page.goto(`${page.url().replace(/#.*/, '')}#view=model&layer=0&head=0`);
    await settled(page);
    await tabTo('grid', /./);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('p');
    await expect.poll(() => stateOf(page).get('pinned')).toBe('1.1');
    await page.keyboard.press('Enter');
    await settled(page);
    await expect.poll(() => ['view', 'layer', 'head'].map((key) => stateOf(page).get(key))).toEqual(['head', '1', '1']);
  });

  test('help lists the keys and closes with Escape, the focus where it was', async () => {
    await tabTo('option', /./);
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await dialog.innerText()).toContain('find a token');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  test('the tree of modules opens, is searched and gives a hook to copy', async () => {
    await tabTo('button', /^Modules/);
    await page.keyboard.press('Enter');
    const search = page.getByRole('searchbox');
    await search.fill('transformer.layer.3.atention');
    expect(await page.getByText(/Did you mean/i).count()).toBeGreaterThan(0);
    await search.fill('layer.3.attention.attn');
    expect(await page.getByText(/\[1, 12, \d+, \d+\]/).count()).toBeGreaterThan(0);
  });

  /** The place of the page that has the focus: "main", "header", ...; empty: none has. */
  const focusedPart = () =>
    page.evaluate(() => {
      const focused = document.activeElement?.shadowRoot?.activeElement;
      return focused?.closest('main, aside, header, nav, footer, [role=dialog]')?.localName ?? '';
    });

  test('no sequence of keys loses the focus', async () => {
    const keys = '[ ] , . 1 2 3 4 5 6 7 w s x m p ArrowDown ArrowRight ArrowLeft End Home Enter Escape'.split(' ');
    keys.push('Control+z', 'Control+Shift+z');
    const random = randomNumbers(7);
    await tabTo('option', /./);
    const pressed: string[] = [];
    for (let i = 0; i < 400; ++i) {
      const key = keys[Math.floor(random() * keys.length)]!;
      pressed.push(key);
      await page.keyboard.press(key);
      if (i % 4 === 0) await settled(page);
      expect(await focusedPart(), `after ${pressed.slice(-12).join(' ')}`).toBe('main');
    }
  });

  test('the focus goes to the picture of the view that opens', async () => {
    await tabTo('option', /./);
    for (const [key, role] of [
      ['3', 'grid'],
      ['7', 'grid'],
      ['1', 'option'],
      ['5', 'region'],
    ] as const) {
      await page.keyboard.press(key);
      const focused = page.locator(`main [role=${role}]:focus`);
      await focused.waitFor();
    }
  });

  test('another text leaves the focus in the page, what goes gives it back', async () => {
    await page.getByRole('button', { name: /^Texts/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Mary/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: /^Jones/ }).waitFor();
    expect(await focusedPart()).toBe('header');
    await page.getByRole('button', { name: 'Modules' }).press('Enter');
    await page.getByRole('searchbox').press('Escape');
    expect(await focusedPart()).toBe('header');
    await tabTo('option', /./);
    await page.keyboard.press('/');
    await page.locator('search input').press('Escape');
    expect(await focusedPart()).toBe('main');
  });

  test('letters do nothing while a text is written or while keys are switched off', async () => {
    await page.locator('textarea').focus();
    await page.keyboard.press('3');
    expect(await page.getByRole('main').getAttribute('aria-label')).toMatch(/^Words/);
  });
});
