// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';

const TITLES: Record<string, string> = {
  attention: 'attention',
  rollout: 'rollout',
  norms: 'vector norms',
  gradient: 'attention × gradient',
  leave_one_out: 'leave one out',
};

export function measureTitle(measure: string): string {
  return TITLES[measure] ?? measure.replaceAll('_', ' ');
}

/** Attention and rollout are known for every word, the others for what the report explains. */
export function measuresOf(report: Report): string[] {
  const names = report.focuses.flatMap((focus) => focus.measures.map((entry) => entry.measure));
  return [...new Set(['attention', 'rollout', ...names])];
}

const NUMBERS: Record<string, string> = {
  entropy: 'entropy (nats)',
  relative_entropy: 'entropy / ln n',
  distance: 'mean distance',
  max: 'largest weight',
  self: 'to itself',
  previous: 'to the previous',
  next: 'to the next',
  cls: 'to [CLS]',
  sep: 'to [SEP]',
  punctuation: 'to punctuation',
  same_word: 'to the same word',
  first_received: 'to the first token',
  head_divergence: 'heads differ (JS, nats)',
  previous_divergence: 'from the layer before (JS, nats)',
  state_cosine: 'cosine with the layer before',
  token_cosine: 'cosine between tokens',
};

/** What a number of a head or layer is called. */
export function numberTitle(name: string): string {
  return NUMBERS[name] ?? name.replaceAll('_', ' ');
}

const PATTERNS: Record<string, { letter: string; title: string }> = {
  broad: { letter: 'B', title: 'broad' },
  previous: { letter: 'P', title: 'previous word' },
  next: { letter: 'N', title: 'next word' },
  self: { letter: 'I', title: 'itself' },
  cls: { letter: 'C', title: '[CLS]' },
  sep: { letter: 'S', title: '[SEP]' },
  punctuation: { letter: '.', title: 'punctuation' },
  same_word: { letter: 'W', title: 'same word' },
  mixed: { letter: 'M', title: 'mixed' },
};

/** A letter and a name for what a head does. */
export function patternOf(name: string | undefined): { letter: string; title: string } {
  return PATTERNS[name ?? ''] ?? { letter: '?', title: name ?? 'unknown' };
}
