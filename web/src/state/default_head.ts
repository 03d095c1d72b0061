// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';

/** Patterns that are the same for every text. */
const PLAIN = ['previous', 'next', 'self', 'cls', 'sep'];

/**
 * [layer, head] to show where nobody asked for one: what a label depends on most, else the sharpest that looks at more
 * than a fixed place, else the one with the lowest entropy.
 */
export function defaultHead(report: Report): [number, number] {
  const effect = report.focuses.find((focus) => focus.ablation)?.ablation?.effect;
  const { max, entropy } = report.head_numbers;
  const isPlain = (layer: number, head: number) => PLAIN.includes(report.head_patterns[layer]?.[head] ?? '');
  return (
    largest(report, effect, Math.abs) ??
    largest(report, max, (value, layer, head) => (isPlain(layer, head) ? -Infinity : value)) ??
    largest(report, entropy, (value) => -value) ?? [0, 0]
  );
}

/** The first head whose number counts most; null where none does. */
function largest(
  report: Report,
  numbers: (number | null)[][] | undefined,
  count: (value: number, layer: number, head: number) => number,
): [number, number] | null {
  let found: [number, number] | null = null;
  let most = -Infinity;
  for (const layer of report.layers.keys()) {
    for (const head of report.heads.keys()) {
      const value = numbers?.[layer]?.[head];
      const size = value == null ? -Infinity : count(value, layer, head);
      if (size <= most) continue;
      most = size;
      found = [layer, head];
    }
  }
  return found;
}
