// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import type { Weights } from '../data/weights';
import type { ViewState } from '../state/types';
import { signed } from '../ui/numbers';
import type { Pairs } from './alignment';

export type Kind = ViewState['compare']['kind'];

/** One side of a comparison, as the state writes it: a document, "3" or "3.7". */
export function sideName(kind: Kind, side: string, report: Report, titles: ReadonlyMap<string, string>): string {
  if (kind === 'document') return titles.get(side) ?? side;
  const [layer = 0, head = 0] = side.split('.').map(Number);
  const name = `L${report.layers[layer] ?? layer}`;
  return kind === 'layer' ? `${name}, mean of the heads` : `${name} H${report.heads[head] ?? head}`;
}

/** Layer and head that "3.7" names, held within what there is. */
export function parseHead(side: string, report: Report): [number, number] {
  const [layer = 0, head = 0] = side.split('.').map((text) => Number.parseInt(text, 10) || 0);
  return [Math.min(layer, report.layers.length - 1), Math.min(head, report.heads.length - 1)];
}

/** The sides that are compared if none or one that does not exist is asked for. */
export function completeSides(
  compare: ViewState['compare'],
  report: Report,
  documents: string[],
  open: string,
  at: [number, number],
): ViewState['compare'] {
  const known = options(compare.kind, report, documents);
  const left = known.includes(compare.left) ? compare.left : firstSide(compare.kind, open, at);
  const right = known.includes(compare.right) ? compare.right : (known.find((side) => side !== left) ?? left);
  return { kind: compare.kind, left, right };
}

/** All that can stand on a side. */
export function options(kind: Kind, report: Report, documents: string[]): string[] {
  if (kind === 'document') return documents;
  if (kind === 'layer') return report.layers.map((_, layer) => String(layer));
  return report.layers.flatMap((_, layer) => report.heads.map((_, head) => `${layer}.${head}`));
}

function firstSide(kind: Kind, open: string, [layer, head]: [number, number]): string {
  if (kind === 'document') return open;
  return kind === 'layer' ? String(layer) : `${layer}.${head}`;
}

/** What pairs of words are called: "Paris", or "Paris/Rome" where the two differ. */
export function pairNames(pairs: Pairs, left: readonly string[], right: readonly string[]): string[] {
  return pairs.map(([i, j]) => (left[i] === right[j] ? left[i]! : `${left[i]}/${right[j]}`));
}

/** right - left of two cells, to the digits that are certain, else as a range. */
export function changeText(left: Weights, leftAt: number, right: Weights, rightAt: number): string {
  const low = right.low[rightAt]! - left.high[leftAt]!;
  const high = right.high[rightAt]! - left.low[leftAt]!;
  for (const decimals of [4, 3, 2]) {
    const text = signed(low, decimals);
    if (text === signed(high, decimals)) return text;
  }
  // A float32 such as 0.1 lies a little beside its decimals.
  return `${signed(Math.floor(low * 100 + 1e-4) / 100, 2)} to ${signed(Math.ceil(high * 100 - 1e-4) / 100, 2)}`;
}
