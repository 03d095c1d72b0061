// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { MessageError } from '../data/source';
import { syntheticDocument } from '../testing/synthetic';
import { readReport } from './read_report';

const { report } = syntheticDocument({ tokens: 12, layers: 2, heads: 3 });

/** The report with one place changed. */
function changed(path: string, value: unknown): string {
  const copy = structuredClone(report) as unknown as Record<string, unknown>;
  const keys = path.split('/').slice(1);
  const last = keys.pop()!;
  const place = keys.reduce((object, key) => object[key] as Record<string, unknown>, copy);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return JSON.stringify(copy);
}

describe('readReport', () => {
  it('reads a report', () => {
    expect(readReport(JSON.stringify(report))).toEqual(report);
  });

  it('lets through what a newer program adds', () => {
    expect(() => readReport(changed('/more', 1))).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['/format', 'other', 'page data: /format: "other", expected "attnscope-report"'],
    ['/version', 2, 'page data: /version: 2, expected 1'],
    ['/tokens', undefined, 'page data: /tokens: missing'],
    ['/tokens/word/3', 99, 'page data: /tokens/word/3: 99, expected a position of 10 words'],
    ['/tokens/id/0', 1.5, 'page data: /tokens/id/0: 1.5, expected a whole number, 0 or larger'],
    ['/tokens/special', [], 'page data: /tokens/special: a list of 0, expected a list of 12'],
    ['/words/tokens/1', [4, 99], 'page data: /words/tokens/1: a list of 2, expected [begin, end) within 12 tokens'],
    ['/entities/0/words/0', -1, 'page data: /entities/0/words/0: -1, expected a position of 10 words'],
    ['/entities', {}, 'page data: /entities: an object, expected a list'],
    ['/focuses/0/entity', 7, 'page data: /focuses/0/entity: 7, expected a position of 2 entities'],
    [
      '/focuses/0/kind',
      'x'.repeat(99),
      `page data: /focuses/0/kind: "${'x'.repeat(39)}..., expected "entity" or "word"`,
    ],
    ['/head_numbers/a~1b~0c', 3, 'page data: /head_numbers/a~01b~00c: 3, expected a list of 2'],
    ['/head_patterns/1', ['x'], 'page data: /head_patterns/1: a list of 1, expected a list of 3'],
    ['/layer_numbers/entropy/1', 'x', 'page data: /layer_numbers/entropy/1: "x", expected a number'],
    ['/weights/data', 'f16', 'page data: /weights/data: "f16", expected "full" or "u8" or "topk"'],
    ['/model', null, 'page data: /model: null, expected an object'],
  ])('refuses a wrong %s', (path, value, message) => {
    expect(() => readReport(changed(path, value))).toThrow(MessageError);
    expect(() => readReport(changed(path, value))).toThrow(message);
  });

  it('refuses what is not JSON', () => {
    expect(() => readReport('{')).toThrow('page data: /: not JSON');
    expect(() => readReport('null')).toThrow('page data: /: null, expected an object');
  });
});
