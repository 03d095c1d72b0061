// SPDX-License-Identifier: Apache-2.0
// Takes the pictures of the viewer's views for the docs: node take_pictures.mjs PAGE FOLDER.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [file = '', folder = ''] = process.argv.slice(2);
const PICTURES = {
  words: 'view=words',
  head: 'view=head&layer=4&head=6&pinned=4.6,4.7&mass=0.4',
  model: 'view=model&layer=4&head=6&theme=dark',
  'query-key': 'view=query-key&layer=4&head=6',
  heads: 'view=heads&layer=4&head=6',
  layers: 'view=layers',
  compare: 'view=compare',
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
});
for (const [name, hash] of Object.entries(PICTURES)) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${pathToFileURL(file).href}#${hash}`);
  await page.locator('main').waitFor();
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(folder, `viewer-${name}.png`) });
  await page.close();
}
await browser.close();
