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

const HEAD_NUMBERS: Record<string, string> = {
  entropy: 'entropy (nats)',
  relative_entropy: 'entropy / ln n',
  distance: 'mean distance',
  max: 'mean of the largest',
  confidence: 'mean of the largest',
  self: 'on itself',
  previous: 'on the previous',
  next: 'on the next',
  cls: 'on [CLS]',
  sep: 'on [SEP]',
  special: 'on special tokens',
  punctuation: 'on punctuation',
  same_word: 'on the same word',
};

/** What a number of a head or layer is called. */
export function numberTitle(name: string): string {
  return HEAD_NUMBERS[name] ?? name.replaceAll('_', ' ');
}
