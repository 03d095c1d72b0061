// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch } from './chromium';
import { MISSING, SENTENCE, Workplace } from './program';
import { open, settled } from './watched_page';

interface WordsJson {
  words: { text: string; number: number | null }[];
  entities: { text: string; kind: string }[];
  explained: { text: string; scores: { attention: number[] } }[];
}

describe.skipIf(MISSING)('The words view', () => {
  let work: Workplace;
  let browser: Browser;
  let file: string;
  let expected: WordsJson;

  beforeAll(async () => {
    work = new Workplace();
    file = work.page('words', [SENTENCE]);
    expected = JSON.parse(work.run('words', SENTENCE, '--json')) as WordsJson;
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    work?.remove();
  });

  test('opens first, with the sentence and its entities', async () => {
    const { page } = await open(browser, file);
    await settled(page);
    expect(await page.getByRole('listbox').innerText()).toContain('John');
    const labels = await page.getByRole('listbox').locator('sup').allInnerTexts();
    expect(labels).toEqual(expected.entities.map((entity) => entity.kind));
    await page.context().close();
  });

  test('prints the numbers of attnscope words', async () => {
    const { page } = await open(browser, file);
    await settled(page);
    const scores = expected.explained[0]!.scores.attention;
    const printed = async (place: number) => {
      const option = page.locator(`[role=option][data-place="${place}"] .hidden-text`);
      return (await option.count()) > 0 ? (await option.innerText()).trim() : '';
    };
    const numbers = await Promise.all(expected.words.map((_, place) => printed(place)));
    // The focus itself and special tokens have none.
    const others = expected.words.map((word, place) => word.number !== null && place > 2);
    expect(numbers.filter((_, place) => others[place])).toEqual(
      scores.filter((_, place) => others[place]).map((score) => score.toFixed(4)),
    );
    await page.context().close();
  });

  test('a finger that moves sideways chooses a phrase, one that moves up scrolls', async () => {
    const { page } = await open(browser, file, '', { hasTouch: true, viewport: { width: 700, height: 420 } });
    await settled(page);
    const chosen = page.getByRole('listbox').getByRole('option', { selected: true });
    await page.getByRole('listbox').scrollIntoViewIfNeeded();
    const middle = async (place: number) => {
      const box = (await page.locator(`.sentence [data-place="${place}"]`).boundingBox())!;
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const touch = await page.context().newCDPSession(page);
    const drag = async (from: { x: number; y: number }, to: { x: number; y: number }) => {
      await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [from] });
      for (let part = 0.1; part <= 1; part += 0.1) {
        const at = { x: from.x + part * (to.x - from.x), y: from.y + part * (to.y - from.y) };
        await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [at] });
      }
      await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [to] });
      await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    };
    const texts = () => chosen.locator('bdi').allInnerTexts();
    await drag(await middle(3), await middle(5));
    await expect.poll(texts).toEqual(['works', 'for', 'Google']);
    const from = await middle(4);
    await drag(from, { x: from.x, y: from.y - 150 });
    await expect.poll(async () => (await middle(4)).y).toBeLessThan(from.y - 50);
    expect(await texts()).toEqual(['works', 'for', 'Google']);
    await page.context().close();
  });
});
