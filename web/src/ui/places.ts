// SPDX-License-Identifier: Apache-2.0
import type { Range, Report } from '../contract/report';

/** A row or column: a token or a word. */
export interface Place {
  text: string;
  span: Range;
  special: boolean;
}

export function placesOf(report: Report, unit: 'token' | 'word'): Place[] {
  const columns = unit === 'word' ? report.words : report.tokens;
  return columns.text.map((text, i) => ({
    text,
    span: columns.span[i] ?? [0, 0],
    special: columns.special[i] ?? false,
  }));
}
