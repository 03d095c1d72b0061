// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import { csv } from '../ui/files';
import { patternOf } from '../ui/measures';

/** One head in the ranking; layer and head are positions. */
export interface HeadRow {
  layer: number;
  head: number;
  numbers: Record<string, number | null>;
  pattern: string;
  effect: number | null;
}

/** All heads; `effect` is the change of a label's logit when each is switched off, or null. */
export function headRows(report: Report, effect: number[][] | null): HeadRow[] {
  const names = Object.keys(report.head_numbers);
  return report.layers.flatMap((_, layer) =>
    report.heads.map((_, head) => ({
      layer,
      head,
      numbers: Object.fromEntries(names.map((name) => [name, report.head_numbers[name]?.[layer]?.[head] ?? null])),
      pattern: report.head_patterns[layer]?.[head] ?? '',
      effect: effect?.[layer]?.[head] ?? null,
    })),
  );
}

export interface HeadFilter {
  layers: number[] | null;
  heads: number[] | null;
  /** Empty: all. */
  pattern: string;
}

export function filterHeads(rows: HeadRow[], filter: HeadFilter): HeadRow[] {
  const { layers, heads, pattern } = filter;
  return rows.filter(
    (row) =>
      (layers?.includes(row.layer) ?? true) &&
      (heads?.includes(row.head) ?? true) &&
      (pattern === '' || row.pattern === pattern),
  );
}

/** The patterns there are, the most frequent first. */
export function patternCounts(rows: HeadRow[]): { name: string; title: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.pattern, (counts.get(row.pattern) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, title: patternOf(name).title, count }))
    .sort((a, b) => b.count - a.count);
}

/** The rows as a CSV file, numbers in full; layers and heads as they are printed. */
export function headsCsv(report: Report, rows: HeadRow[], effectName: string): string {
  const names = Object.keys(report.head_numbers);
  const withEffect = rows.some((row) => row.effect !== null);
  const title = ['layer', 'head', ...names, 'pattern', ...(withEffect ? [effectName] : [])];
  const lines = rows.map((row) => [
    report.layers[row.layer] ?? row.layer,
    report.heads[row.head] ?? row.head,
    ...names.map((name) => row.numbers[name] ?? null),
    row.pattern,
    ...(withEffect ? [row.effect] : []),
  ]);
  return csv([title, ...lines]);
}

/** A round number without digits that say nothing. */
export function tickText(tick: number): string {
  return String(Number(tick.toPrecision(6))).replaceAll('-', '−');
}

/** Round numbers between and beyond two numbers, about `count` of them, to mark an axis with. */
export function axisTicks(low: number, high: number, count = 5): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
