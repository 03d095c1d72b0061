// SPDX-License-Identifier: Apache-2.0
/** SVG as text. Everything that comes from data goes through `escapeXml`. */

export interface Figure {
  width: number;
  height: number;
  body: string;
}

/** Colours of figures: white ground, whatever the page's theme is. */
export const INK = '#15181c';
export const MUTED = '#5a616a';
export const LINE = '#c9cdd2';
export const ACCENT = '#00417a';
export const MINUS = '#8a4b08';
export const KINDS = ['#0072b2', '#a84600', '#00734f', '#8f3f73'];
export const FONT = "'DejaVu Sans', Helvetica, Arial, sans-serif";
export const SIZE = 11;

/** Characters that XML has no place for are left out. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The shade of -1 to 1 as the page gives it to words and cells, on white. */
export function tint(value: number): string {
  const colour = value < 0 ? MINUS : ACCENT;
  const level = (at: number) => 255 + 0.48 * Math.abs(value) * (Number.parseInt(colour.slice(at, at + 2), 16) - 255);
  return hex([1, 3, 5].map((at) => Math.round(level(at))));
}

export function hex(levels: readonly number[]): string {
  return `#${levels.map((level) => level.toString(16).padStart(2, '0')).join('')}`;
}

type Attributes = Record<string, string | number | undefined>;

export function tag(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escapeXml(value!)}"`)
    .join('');
  return content === '' ? `<${name}${list}/>` : `<${name}${list}>${content}</${name}>`;
}

/** At most two decimals. */
export function short(value: number): string {
  return String(Math.round(100 * value) / 100);
}

export function label(text: string, x: number, y: number, attributes: Attributes = {}): string {
  return tag('text', { x, y, ...attributes }, escapeXml(text));
}

/** Names of what a picture shows, kept in the file. */
export type Metadata = Record<string, string>;

/** A whole file with its title, a caption below the picture and what it shows as metadata. */
export function svgFile(figure: Figure, title: string, caption: string, metadata: Metadata): string {
  const lines = wrapped(caption, Math.max(30, Math.floor(figure.width / 6)));
  const height = figure.height + 16 * lines.length + 8;
  const facts = Object.entries(metadata).map(([key, value]) => `${key}: ${value}`);
  return [
    tag(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        viewBox: `0 0 ${short(figure.width)} ${short(height)}`,
        width: figure.width,
        height,
        'font-family': FONT,
        'font-size': SIZE,
        fill: INK,
      },
      [
        tag('title', {}, escapeXml(title)),
        tag('metadata', {}, escapeXml(facts.join('\n'))),
        tag('rect', { width: '100%', height: '100%', fill: '#ffffff' }),
        figure.body,
        ...lines.map((line, i) => label(line, 8, figure.height + 12 + 16 * i, { fill: MUTED })),
      ].join('\n'),
    ),
    '',
  ].join('\n');
}

/** Lines of at most `width` characters, cut between words. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Pictures below one another. */
export function stacked(figures: Figure[], gap = 16): Figure {
  let at = 0;
  const parts = figures.map((figure) => {
    const part = tag('g', { transform: `translate(0 ${short(at)})` }, figure.body);
    at += figure.height + gap;
    return part;
  });
  return { width: Math.max(0, ...figures.map((figure) => figure.width)), height: at - gap, body: parts.join('\n') };
}
