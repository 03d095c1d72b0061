// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import type { SortKey } from '../state/types';

export const SORT_KEYS: readonly { key: SortKey; name: string }[] = [
  { key: 'index', name: 'index' },
  { key: 'entropy', name: 'entropy' },
  { key: 'special', name: 'special share' },
  { key: 'pattern', name: 'pattern' },
];

/** In the order in which they are sorted; what is not here comes last. */
const PATTERNS = ['previous', 'next', 'self', 'same_word', 'cls', 'sep', 'punctuation', 'broad'];

/** Share of a head's weights that special tokens get, or null where the report does not say. */
export function specialShare(report: Report, layer: number, head: number): number | null {
  const cls = report.head_numbers.cls?.[layer]?.[head];
  const sep = report.head_numbers.sep?.[layer]?.[head];
  return cls == null && sep == null ? null : (cls ?? 0) + (sep ?? 0);
}

/** Heads of a layer in order; the numbers from the largest, what has none last, equal ones by index. */
export function sortHeads(report: Report, layer: number, key: SortKey): number[] {
  return sortedBy(report.heads.length, (head) => rankOf(report, layer, head, key));
}

/** Layers in order of the mean over their heads; for patterns, of how many heads have one. */
export function sortLayers(report: Report, key: SortKey): number[] {
  const heads = report.heads.map((_, head) => head);
  return sortedBy(report.layers.length, (layer) => {
    if (key === 'pattern')
      return heads.filter((head) => PATTERNS.includes(report.head_patterns[layer]?.[head] ?? '')).length;
    return mean(heads.map((head) => rankOf(report, layer, head, key)));
  });
}

/** Larger comes first. */
function rankOf(report: Report, layer: number, head: number, key: SortKey): number | null {
  switch (key) {
    case 'index':
      return 0;
    case 'entropy':
      return report.head_numbers.entropy?.[layer]?.[head] ?? null;
    case 'special':
      return specialShare(report, layer, head);
    case 'pattern':
      return -placeOfPattern(report.head_patterns[layer]?.[head] ?? '');
  }
}

function placeOfPattern(name: string): number {
  const place = PATTERNS.indexOf(name);
  return place < 0 ? PATTERNS.length : place;
}

function sortedBy(count: number, rank: (index: number) => number | null): number[] {
  const ranks = Array.from({ length: count }, (_, index) => rank(index) ?? -Infinity);
  const later = (a: number, b: number) => (ranks[a] === ranks[b] ? a - b : ranks[b]! - ranks[a]!);
  return ranks.map((_, index) => index).sort(later);
}

function mean(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** How many heads follow each pattern, the most frequent first; "mixed" is none. */
export function countPatterns(report: Report): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const name of report.head_patterns.flat()) if (name !== 'mixed') counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
}
