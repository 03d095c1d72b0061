// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch } from './chromium';
import { MISSING, SENTENCE, ServeProcess } from './program';
import { open, settled, violations, type Watched } from './watched_page';

describe.skipIf(MISSING)('A page from attnscope serve', () => {
  let server: ServeProcess;
  let browser: Browser;
  let watched: Watched;
  let page: Page;

  beforeAll(async () => {
    server = await ServeProcess.start('--text', SENTENCE);
    browser = await launch();
    watched = await open(browser, server.url);
    page = watched.page;
    await settled(page);
  });
  afterAll(async () => {
    await browser?.close();
    expect(await server?.stop()).toBe(0);
  });

  test('shows the first text, keeps the token out of the address, and asks its own server only', async () => {
    await page.getByRole('option', { name: /^Smith/ }).waitFor();
    expect(page.url()).not.toContain('token');
    const origin = new URL(server.url).origin;
    expect(watched.requests.filter((url) => !url.startsWith(origin))).toEqual([]);
    expect(watched.errors).toEqual([]);
    expect(await violations(page)).toEqual([]);
  });

  test('runs a new sentence', async () => {
    await page.locator('textarea').fill('Mary Jones visited <b>Berlin</b> & Siemens.');
    await page.locator('textarea').press('Control+Enter');
    await page.getByRole('option', { name: /^Jones/ }).waitFor();
    expect(await page.locator('main b').count()).toBe(0);
  });

  test('switches a head off and says what that does to the label', async () => {
    await page.getByRole('button', { name: /^Words/ }).click();
    await page
      .getByRole('button', { name: /^Switch off/ })
      .first()
      .click();
    await page
      .getByText(/switched off/i)
      .first()
      .waitFor();
    expect(await page.locator('aside').innerText()).toMatch(/[+−]\d+\.\d+/);
  });

  test('makes a figure by the engine', async () => {
    await page.getByRole('button', { name: /^Model/ }).click();
    await settled(page);
    await page.getByRole('button', { name: /^Figure/ }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /SVG/ }).first().click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.svg$/);
    const svg = readFileSync(await download.path(), 'utf8');
    expect(svg).toContain('<metadata');
    expect(svg).toContain('Mary Jones');
  });

  test('measures all heads of a long text when asked, with progress', async () => {
    await page.locator('textarea').fill('Mary Jones visited Berlin with John Smith of Siemens . '.repeat(14));
    await page.locator('textarea').press('Control+Enter');
    await page.locator('footer [role=progressbar]').waitFor({ state: 'detached', timeout: 60_000 });
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^Heads/ })
      .click();
    await page
      .getByRole('main')
      .getByRole('button', { name: /^Measure/ })
      .first()
      .click();
    await page.getByRole('columnheader', { name: /^ablation/ }).waitFor({ timeout: 60_000 });
    expect(watched.errors).toEqual([]);
  });

  test('says what to do when the server is gone', async () => {
    const other = await ServeProcess.start();
    const { page: left } = await open(browser, other.url);
    await settled(left);
    await other.stop();
    await left.locator('textarea').fill('Nobody answers.');
    await left.locator('textarea').press('Control+Enter');
    const alert = left.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/attnscope serve/);
    await left.context().close();
  });
});
