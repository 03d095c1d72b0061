// SPDX-License-Identifier: Apache-2.0
// Times pages in one Chromium. Arguments: pages as KIND=FILE; one line of JSON a page on stdout.
//
// drawn: from the start of the load until the picture stands. overview (ours): from the moment the page's data are
// there. hover and other (another layer or head): from the event until the next frame is on the screen, median of many. Milliseconds.
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const DEADLINE_MS = 100_000;
const PAUSE_MS = 3000; // a person looks before the pointer moves
const SCRIPTS = {
  'require.min.js': require.resolve('requirejs/require.js'),
  'd3.min.js': require.resolve('d3/dist/d3.min.js'),
  'jquery.min.js': require.resolve('jquery/dist/jquery.min.js'),
};

/** In the page: `timed(action)`, the milliseconds from an action until the frame after it is painted. */
function addTimer() {
  globalThis.timed = async (action) => {
    const start = performance.now();
    await action();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return performance.now() - start;
  };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : null;
}

async function several(rounds, once) {
  const times = [];
  for (let round = 0; round < rounds; ++round) times.push(await once(round));
  return median(times);
}

// Functions, not strings: our pages' policy forbids eval.
// BertViz draws one line a weight; the picture stands when they all do.
const bertviz = {
  head: {
    ready: ([tokens]) => document.querySelectorAll('#attention line').length >= tokens * tokens,
    hover: (round) =>
      timed(() => {
        const token = document.querySelectorAll('#left text')[round].parentNode;
        token.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
      }),
    other: (round) =>
      timed(() => {
        const choice = document.querySelector('select#layer');
        choice.value = choice.options[round + 1].value;
        choice.dispatchEvent(new Event('change', { bubbles: true }));
      }),
  },
  model: {
    ready: ([tokens, heads]) => document.querySelectorAll('#vis line').length >= tokens * tokens * heads,
  },
};

/** The pointer over cells of the first picture of our page, one after another. */
const hoverOurs = (round) =>
  timed(() => {
    const root = document.querySelector('#attnscope > div').shadowRoot;
    const box = root.querySelector('main canvas').getBoundingClientRect();
    const at = { clientX: box.x + 60 + round * 20, clientY: box.y + 90 };
    root
      .elementFromPoint(at.clientX, at.clientY)
      .dispatchEvent(new PointerEvent('pointermove', { bubbles: true, composed: true, ...at }));
  });

const ours = {
  model: {
    hash: '#view=model',
    ready: () => performance.getEntriesByName('attnscope:overview-drawn').length > 0,
    overview: () =>
      performance.getEntriesByName('attnscope:overview-drawn')[0].startTime -
      performance.getEntriesByName('attnscope:overview-data')[0].startTime,
    hover: hoverOurs,
  },
  head: {
    hash: '#view=head&headForm=matrix&layer=1&head=3',
    ready: () => performance.getEntriesByName('attnscope:head-drawn').length > 0,
    hover: hoverOurs,
    other: (round) =>
      timed(async () => {
        const drawn = () => performance.getEntriesByName('attnscope:head-drawn').length;
        const before = drawn();
        location.hash = `view=head&headForm=matrix&layer=${(round + 2) % 6}&head=${(5 * round) % 12}`;
        while (drawn() === before) await new Promise((done) => setTimeout(done));
      }),
  },
};

async function measure(browser, kind, file, tokens, heads) {
  const [tool, view] = kind.split('-');
  const steps = (tool === 'bertviz' ? bertviz : ours)[view];
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(addTimer);
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  await context.route(/^https:/, (route) => {
    const name = new URL(route.request().url()).pathname.split('/').pop();
    return SCRIPTS[name] ? route.fulfill({ path: SCRIPTS[name] }) : route.abort();
  });
  const result = { kind, tokens, bytes: statSync(file).size };
  try {
    const start = performance.now();
    await page.goto(pathToFileURL(file).href + (steps.hash ?? ''), { waitUntil: 'commit', timeout: DEADLINE_MS });
    await page.waitForFunction(steps.ready, [tokens, heads], { timeout: DEADLINE_MS, polling: 5 });
    result.drawn = performance.now() - start;
    if (steps.overview) result.overview = await page.evaluate(steps.overview);
    await page.waitForTimeout(PAUSE_MS);
    if (steps.hover) result.hover = await several(15, (round) => page.evaluate(steps.hover, round));
    if (steps.other) result.other = await several(5, (round) => page.evaluate(steps.other, round));
  } catch (error) {
    const late = error.name === 'TimeoutError';
    result.problem = late ? `${DEADLINE_MS / 1000} s were not enough` : error.message.split('\n')[0];
  }
  await context.close().catch(() => {});
  return result;
}

const [tokens, heads, ...pages] = process.argv.slice(2);
for (const argument of pages) {
  const [kind, file] = argument.split('=');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  console.log(JSON.stringify(await measure(browser, kind, file, Number(tokens), Number(heads))));
  await browser.close().catch(() => {});
}
