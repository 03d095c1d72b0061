// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
    file = work.page('one', [SENTENCE]);
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
    expect(stateOf(page).get('view')).toBe('model');
    await tabTo('grid', /./);
    await page.keyboard.press('2');
    await settled(page);
    expect(stateOf(page).get('view')).toBe('head');
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
    expect(stateOf(page).get('selected')).toBeNull();
    await page.keyboard.press('Control+z');
    expect(stateOf(page).get('selected')).not.toBeNull();
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
    expect([stateOf(page).get('layer'), stateOf(page).get('head')]).toEqual(['3', '6']);
  });

  test('a head of the grid opens with Enter and is pinned with p', async () => {
    await page.goto(`${page.url().replace(/#.*/, '')}#view=model`);
    await settled(page);
    await tabTo('grid', /./);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('p');
    expect(stateOf(page).get('pinned')).toBe('1.1');
    await page.keyboard.press('Enter');
    await settled(page);
    expect(['view', 'layer', 'head'].map((key) => stateOf(page).get(key))).toEqual(['head', '1', '1']);
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

  test('letters do nothing while a text is written or while keys are switched off', async () => {
    await page.locator('textarea').focus();
    await page.keyboard.press('3');
    expect(stateOf(page).get('view') ?? 'words').toBe('words');
  });
});
