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
    for (const entity of expected.entities) {
      expect(
        await page
          .getByRole('listbox')
          .getByRole('option', { name: `, ${entity.kind}` })
          .count(),
      ).toBeGreaterThan(0);
    }
    await page.context().close();
  });

  test('prints the numbers of attnscope words', async () => {
    const { page } = await open(browser, file);
    await settled(page);
    const scores = expected.explained[0]!.scores.attention;
    for (const [place, word] of expected.words.entries()) {
      const option = page.getByRole('option').and(page.locator(`[data-place="${place}"]`));
      if (word.number === null || (await option.count()) === 0) continue;
      const printed = /: ([\d.]+)$/.exec((await option.getAttribute('aria-label')) ?? '')?.[1];
      if (printed === undefined) continue; // of the focus itself
      expect(printed, word.text).toBe(scores[place]!.toFixed(4));
    }
    await page.context().close();
  });
});
