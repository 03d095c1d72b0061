// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { escapeXml, label, stacked, svgFile, wrapped } from './svg';

it('writes well-formed files whatever the text is', () => {
  const text = '<script>"&\u0000\u000b\ud800 \u{1f642}';
  const file = svgFile({ width: 100, height: 20, body: label(text, 0, 10) }, text, text, { text });
  const parsed = new DOMParser().parseFromString(file, 'image/svg+xml');
  expect(parsed.querySelector('parsererror')).toBeNull();
  expect(parsed.querySelector('script')).toBeNull();
  expect(parsed.querySelector('title')?.textContent).toBe('<script>"& \u{1f642}');
});

it('escapes what attributes and elements need', () => {
  expect(escapeXml('a<b>&"c"')).toBe('a&lt;b&gt;&amp;&quot;c&quot;');
});

it('wraps between words and keeps long ones whole', () => {
  expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapped('averylongword b', 5)).toEqual(['averylongword', 'b']);
  expect(wrapped('', 5)).toEqual([]);
});

it('stacks pictures', () => {
  const figure = stacked([
    { width: 10, height: 20, body: 'a' },
    { width: 30, height: 5, body: 'b' },
  ]);
  expect([figure.width, figure.height]).toEqual([30, 41]);
  expect(figure.body).toContain('translate(0 36)');
});
