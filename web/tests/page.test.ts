// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, launch } from './chromium';
import { exportedPage, FIXTURE } from './exported_page';
import { violations } from './watched_page';

it('the module can stand in an inline script', () => {
  const module = readFileSync(join(import.meta.dirname, '../dist/viewer.js'), 'utf8');
  expect(module).not.toMatch(/<\/script|<!--/i);
});

describe.skipIf(!CHROMIUM)('an exported page in Chromium (skipped where there is none)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'attnscope-page-'));
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens a page from disk; what the browser complains about is collected. */
  async function open(html: string, hash = ''): Promise<{ page: Page; complaints: string[] }> {
    const path = join(folder, 'page.html');
    writeFileSync(path, html);
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(path).href + hash);
    return { page, complaints };
  }

  it.each(['full', 'u8', 'topk'] as const)(
    'shows its text from disk under a strict policy, with %s data',
    async (data) => {
      const { page, complaints } = await open(exportedPage(data));
      await page.getByText('Google').first().waitFor();
      expect(await page.locator('#attnscope').evaluate((element) => element.textContent)).not.toContain('until then');
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it('has its styles', async () => {
    const { page } = await open(exportedPage());
    await page.getByText('Google').first().waitFor();
    const rules = await page.evaluate(() => {
      const roots = [...document.querySelectorAll('*')]
        .map((element) => element.shadowRoot)
        .filter((root) => root !== null);
      return roots.map((root) => root.adoptedStyleSheets.reduce((sum, sheet) => sum + sheet.cssRules.length, 0));
    });
    expect(rules).toHaveLength(1);
    expect(rules[0]).toBeGreaterThan(20);
    await page.close();
  });

  it.each(['words', 'head', 'model', 'query-key', 'heads', 'layers', 'compare'])(
    'opens the view %s by its address',
    async (view) => {
      const { page, complaints } = await open(exportedPage(), `#view=${view}&layer=2&head=5`);
      await page.getByRole('main').waitFor();
      await page.waitForTimeout(300);
      expect(await page.getByRole('alert').allTextContents()).toEqual([]);
      expect(await violations(page)).toEqual([]);
      expect(new URL(page.url()).hash).toContain(`view=${view}`);
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  it('opens the view that it was made with', async () => {
    const { page } = await open(exportedPage('full', 'view=model'));
    await page.getByRole('main').waitFor();
    const label = await page.getByRole('main').getAttribute('aria-label');
    expect(label).toMatch(/^Model/);
    await page.close();
  });

  it('says what is wrong with a damaged file', async () => {
    const whole = exportedPage();
    const { page } = await open(whole.replace(/(id="attnscope-0\.report">)[^<]*/, '$1AAAA'));
    await page.getByText('attnscope-0.report: the data cannot be unpacked').waitFor();
    await page.close();
    const { page: other } = await open(whole.replace('"documents"', '"document"'));
    expect(await other.getByRole('alert').textContent()).toContain('page data: /documents: missing');
    await other.close();
  });

  it('shows what a notebook widget holds, again when that changes, and goes away', async () => {
    const { page, complaints } = await open('<!doctype html><title>notebook</title><div id="cell"></div>');
    const module = readFileSync(join(import.meta.dirname, '../dist/viewer.js'), 'utf8');
    const report = readFileSync(join(FIXTURE, 'full/report.json'), 'utf8');
    const seen = await page.evaluate(
      async ([code, json]) => {
        const load = new Function('address', 'return import(address)'); // an import of the page, not of this test
        const widget = await load(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
        const listeners: (() => void)[] = [];
        const index = (documents: unknown[]) => JSON.stringify({ documents, view: 'view=words' });
        let shown = index([]);
        const model = {
          get: (name: string) =>
            name === 'index' ? shown : { r: new DataView(new TextEncoder().encode(json).buffer) },
          on: (event: string, listener: () => void) => event === 'change:index' && listeners.push(listener),
          off: () => listeners.splice(0),
          send: () => {},
        };
        const el = document.getElementById('cell')!;
        const text = async () => {
          await new Promise((resolve) => setTimeout(resolve, 500));
          return el.firstElementChild?.shadowRoot?.textContent ?? '';
        };
        const end = widget.default.render({ model, el });
        const texts = [await text()];
        shown = index([{ title: 'one', report: 'r', parts: {} }]);
        for (const listener of listeners) listener();
        texts.push(await text());
        const hosts = el.childElementCount;
        end();
        return { texts, hosts, left: el.childElementCount, hash: location.hash, listeners: listeners.length };
      },
      [module, report] as const,
    );
    expect(seen.texts[0]).toContain('no text here yet');
    expect(seen.texts[1]).toContain('Google');
    expect(seen).toMatchObject({ hosts: 1, left: 0, hash: '', listeners: 0 });
    expect(complaints).toEqual([]);
    await page.close();
  });
});
