// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch } from './chromium';
import { MISSING, Workplace } from './program';
import { open, settled, violations } from './watched_page';

const TEXTS = {
  markup:
    '<img src=x onerror="document.title=1"> & <b>John Smith</b> </script><script>document.title = 2</script> <!-- Berlin',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it must stay text
  template: "${document.title = 3} `Paris` {{constructor.constructor('document.title = 4')()}} \\u003cscript>",
  bidi: 'John \u202eSmith\u202c lives in \u2066Berlin\u2069 \u200fשלום עולם مرحبا بالعالم',
  control: 'John\u2028Smith\u2029 and \u001b[31mMary\u001b[0m \u0007 in Paris',
  wide: '👩‍👩‍👧 株式会社 e\u0301te\u0301 John Smith 🇩🇪 Zürich',
};

describe.skipIf(MISSING)('A text that is markup, script, bidi or control characters', () => {
  let work: Workplace;
  let browser: Browser;

  beforeAll(async () => {
    work = new Workplace();
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    work?.remove();
  });

  for (const [name, text] of Object.entries(TEXTS)) {
    test(`is shown as text: ${name}`, async () => {
      const file = work.page(name, [text], '--title', text);
      for (const view of ['words', 'head', 'query-key']) {
        const { page, errors, requests } = await open(browser, file, `view=${view}`);
        await settled(page);
        expect(await page.locator('textarea').inputValue()).toBe(text);
        expect(await page.title()).not.toMatch(/^[1-4]$/);
        expect(await page.locator('main img, main b, main script').count()).toBe(0);
        expect(errors).toEqual([]);
        expect(requests).toEqual([]);
        if (view === 'words') expect(await violations(page)).toEqual([]);
        await page.context().close();
      }
    });
  }
});
