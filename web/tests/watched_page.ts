// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A page that remembers all that it must not do. */
export interface Watched {
  page: Page;
  /** Requests other than the page itself and what is in it (data:, blob:). */
  requests: string[];
  /** Errors of scripts, and what the content policy refused. */
  errors: string[];
}

export async function open(
  browser: Browser,
  address: string,
  hash = '',
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const own = address.startsWith('http') ? address : pathToFileURL(address).href;
  const watched: Watched = { page, requests: [], errors: [] };
  page.on('request', (request) => {
    const url = request.url();
    if (url.split('#')[0] !== own.split('#')[0] && !/^(data|blob):/.test(url)) watched.requests.push(url);
  });
  page.on('pageerror', (error) => watched.errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') watched.errors.push(message.text());
  });
  const separator = hash && own.includes('#') ? '&' : hash ? '#' : '';
  await page.goto(own + separator + hash);
  await page.getByRole('main').waitFor();
  return watched;
}

/** What axe finds against WCAG 2.2 AA, as "rule: element". */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const found = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
  });
}

/** Waits until nothing loads and the pictures are drawn. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const root = document.querySelector('#attnscope > div')?.shadowRoot;
    const waits = [...(root?.querySelectorAll('main [role=status]') ?? [])];
    return root?.querySelector('main h2') && waits.every((status) => !status.textContent?.includes('…'));
  });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** The bottom line: what is under the pointer or the focus. */
export function readOut(page: Page): Promise<string> {
  return page.locator('footer p[aria-live]').innerText();
}

/** What of the shared state is in the address. */
export function stateOf(page: Page): URLSearchParams {
  return new URLSearchParams(new URL(page.url()).hash.slice(1));
}
