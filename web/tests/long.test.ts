// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import { statSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch } from './chromium';
import { MISSING, Workplace } from './program';
import { open, readOut, settled } from './watched_page';

const WORDS = 'Angela Merkel visited the Zurich office of Google in New York on Tuesday and spoke about the future . ';

describe.skipIf(MISSING)('A text of 512 tokens with 72 heads', () => {
  let work: Workplace;
  let browser: Browser;
  const files: Record<string, string> = {};
  let text = '';

  beforeAll(async () => {
    work = new Workplace();
    text = textOf(work, 512);
    for (const data of ['u8', 'topk']) {
      files[data] = work.page(data, [text], '--data', data, '--no-ablation', '--measure', 'attention');
    }
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    work?.remove();
  });

  test('takes less than 25 MB in u8 and 4 MB in topk', () => {
    expect(statSync(files.u8!).size).toBeLessThan(25e6);
    expect(statSync(files.topk!).size).toBeLessThan(4e6);
  });

  for (const data of ['u8', 'topk']) {
    test(`draws the overview and opens any head (${data}); times are reported, not judged`, async () => {
      const { page, errors } = await open(browser, files[data]!, 'view=model');
      await page.waitForFunction(() => performance.getEntriesByName('attnscope:overview-drawn').length > 0);
      const overview = await page.evaluate(
        () =>
          performance.getEntriesByName('attnscope:overview-drawn')[0]!.startTime -
          performance.getEntriesByName('attnscope:overview-data')[0]!.startTime,
      );
      const times: number[] = [];
      for (const [layer, head] of [
        [0, 0],
        [2, 7],
        [5, 11],
      ] as const) {
        times.push(
          await page.evaluate(async (hash) => {
            const drawn = () => performance.getEntriesByName('attnscope:head-drawn').length;
            const [before, start] = [drawn(), performance.now()];
            location.hash = hash;
            while (drawn() === before) {
              if (performance.now() - start > 20_000) throw new Error(`${hash} was not drawn`);
              await new Promise((done) => setTimeout(done, 1));
            }
            return performance.now() - start;
          }, `view=head&headForm=matrix&layer=${layer}&head=${head}`),
        );
      }
      console.log(
        `512 tokens, ${data}: overview ${overview.toFixed(0)} ms after its data, heads ${times.map((t) => t.toFixed(0))} ms`,
      );
      expect(errors).toEqual([]);
      await page.context().close();
    });
  }

  test('prints numbers that equal the fp32 weights to their digits', async () => {
    const weights = JSON.parse(work.run('show', text, '--layer', '2', '--head', '7', '--json')) as {
      weights: number[][];
    };
    for (const data of ['u8', 'topk']) {
      const { page } = await open(browser, files[data]!, 'view=head&headForm=matrix&unit=token&layer=2&head=7');
      await settled(page);
      const grid = page.getByRole('grid').first();
      await grid.focus();
      await page.keyboard.press('Home');
      for (let column = 0; column < 40; ++column) {
        const line = await readOut(page);
        expect(agrees(line, weights.weights[0]![column]!), `${data}, column ${column}: ${line}`).toBe(true);
        await page.keyboard.press('ArrowRight');
      }
      await page.context().close();
    }
  });
});

/** Whether the number (or range) in a read-out is the weight, to the digits that are printed. */
function agrees(line: string, weight: number): boolean {
  const numbers = [...line.matchAll(/\b[01]\.\d+/g)].map((match) => match[0]);
  const [first, second] = numbers;
  if (first === undefined) return false;
  if (second !== undefined && line.includes(`${first} to ${second}`)) {
    return Number(first) <= weight && weight <= Number(second);
  }
  return weight.toFixed(first.length - 2) === first;
}

/** A text of exactly so many tokens. */
function textOf(work: Workplace, tokens: number): string {
  const words = WORDS.repeat(60).split(' ');
  const length = (count: number) =>
    (JSON.parse(work.run('tokenize', words.slice(0, count).join(' '), '--json')) as { tokens: string[] }).tokens.length;
  let count = Math.floor(tokens / 2);
  while (length(count + 1) <= tokens) ++count;
  return words.slice(0, count).join(' ');
}
