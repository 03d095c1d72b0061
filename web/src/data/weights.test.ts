// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Tensors } from '../contract/safetensors';
import { randomNumbers, type SyntheticOptions, syntheticDocument, syntheticSource } from '../testing/synthetic';
import { formatWeight, rankInRow } from './numbers';
import { shapeWeights, toWords, transposed, withoutColumns } from './shape';
import type { Source } from './source';
import { exactWeights, isExact, type Weights } from './weights';
import { DocumentWeights, listName } from './weights_of';

const LAYERS = 2;
const HEADS = 3;

function make(options: SyntheticOptions, live = false) {
  const all = { tokens: 40, layers: LAYERS, heads: HEADS, topK: 6, seed: 5, ...options };
  const made = syntheticDocument(all);
  const source = syntheticSource({ ...all, documents: 1, live });
  return {
    ...made,
    source,
    n: made.report.tokens.text.length,
    weights: made.weights,
    of: new DocumentWeights(source, '0', made.report),
  };
}

/** The true weights of a head, as numbers. */
function truth(weights: Float32Array, n: number, layer: number, head: number): number[] {
  return [...weights.subarray((layer * HEADS + head) * n * n, (layer * HEADS + head + 1) * n * n)];
}

function expectEnclosed(weights: Weights, values: number[]): void {
  const outside = values.filter((w, i) => w < weights.low[i]! || w > weights.high[i]!);
  expect(outside).toEqual([]);
  const unordered = values.filter(
    (_, i) => weights.best[i]! < weights.low[i]! - 1e-6 || weights.best[i]! > weights.high[i]! + 1e-6,
  );
  expect(unordered).toEqual([]);
}

/** Positions of the `count` largest values. */
function largest(values: number[], count: number): number[] {
  return [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b).slice(0, count);
}

function expectClose(values: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-6): void {
  expect(values.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < values.length; ++i) worst = Math.max(worst, Math.abs(values[i]! - expected[i]!));
  expect(worst).toBeLessThan(tolerance);
}

describe('weights of a head', () => {
  it.each(['u8', 'topk'] as const)('are enclosed by their bounds in %s data', async (data) => {
    const { of, weights, n } = make({ data });
    for (let layer = 0; layer < LAYERS; ++layer) {
      for (let head = 0; head < HEADS; ++head) {
        const known = await of.head(layer, head);
        expect(isExact(known)).toBe(false);
        expectEnclosed(known, truth(weights, n, layer, head));
      }
    }
  });

  it('are exact in full data, as a view of the part', async () => {
    const { of, weights, n, source } = make({ data: 'full' });
    const known = await of.head(1, 2);
    expect(isExact(known)).toBe(true);
    expect([...known.best]).toEqual(truth(weights, n, 1, 2));
    expect(known.best.buffer).toBe((await source.part('0', 'layer.1')).get('weights')!.data.buffer);
  });

  it('are known to four decimals where they are among the largest', async () => {
    for (const data of ['u8', 'topk'] as const) {
      const { of, weights, n } = make({ data });
      const known = await of.head(0, 1);
      const values = truth(weights, n, 0, 1);
      for (let row = 0; row < n; ++row) {
        for (const column of largest(values.slice(row * n, (row + 1) * n), 6)) {
          const at = row * n + column;
          expect(known.high[at]! - known.low[at]!).toBeLessThan(1.01e-4);
          expect(formatWeight(known.low[at]!, known.high[at]!)).toBe(
            (Math.round(10000 * values[at]!) / 10000).toFixed(4),
          );
        }
      }
    }
  });

  it('of a short text are all known to four decimals', async () => {
    const { of, weights, n } = make({ data: 'topk', tokens: 5, topK: 16 });
    const known = await of.head(1, 1);
    expectClose(known.best, truth(weights, n, 1, 1), 5.1e-5);
    expectEnclosed(known, truth(weights, n, 1, 1));
  });

  it('spread the rest of a row of the largest alone', async () => {
    const { of, n } = make({ data: 'topk' });
    const { best } = await of.head(0, 0);
    for (let row = 0; row < n; ++row) {
      const sum = best.subarray(row * n, (row + 1) * n).reduce((a, b) => a + b, 0);
      expect(sum).toBeCloseTo(1, 3);
    }
  });

  it('come exactly from a program behind the page', async () => {
    const { of, weights, n } = make({ data: 'topk' }, true);
    const known = await of.head(1, 0);
    expect(isExact(known)).toBe(true);
    expect([...known.best]).toEqual(truth(weights, n, 1, 0));
  });
});

describe('the mean', () => {
  const brute = (weights: Float32Array, n: number, layers: number[], heads: number[]) => {
    const sum = new Array<number>(n * n).fill(0);
    for (const l of layers)
      for (const h of heads)
        truth(weights, n, l, h).forEach((w, i) => {
          sum[i]! += w / (layers.length * heads.length);
        });
    return sum;
  };

  it.each([false, true])('over some or all equals a sum by hand (live: %s)', async (live) => {
    const { of, weights, n } = make({ data: 'full' }, live);
    expectClose((await of.mean(null, null)).best, brute(weights, n, [0, 1], [0, 1, 2]));
    expectClose((await of.mean([1], [0, 2])).best, brute(weights, n, [1], [0, 2]));
  });

  it.each(['u8', 'topk'] as const)('is enclosed by its bounds in %s data', async (data) => {
    const { of, weights, n } = make({ data });
    expectEnclosed(await of.mean(null, [0, 1]), brute(weights, n, [0, 1], [0, 1]));
  });

  it('asks for a part once, and stops when told to', async () => {
    const { report, source } = make({ data: 'u8' });
    const asked: string[] = [];
    const counting: Source = {
      ...source,
      part: (id, name, signal) => {
        asked.push(name);
        return source.part(id, name, signal);
      },
    };
    const of = new DocumentWeights(counting, '0', report);
    expect(await of.mean(null, null)).toBe(await of.mean(null, null));
    expect(asked).toEqual(['layer.0', 'layer.1']);
    await expect(of.mean([0], [1], AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('names its part by runs', () => {
    expect(listName(null)).toBe('all');
    expect(listName([5, 0, 3, 4, 3])).toBe('0,3-5');
  });
});

it('parts of another size are refused', async () => {
  const { report, source } = make({ data: 'full' });
  const layer: Tensors = new Map([['weights', { shape: [HEADS, 2, 2], data: new Float32Array(4 * HEADS) }]]);
  const of = new DocumentWeights({ ...source, part: async () => layer }, '0', report);
  await expect(of.head(0, 0)).rejects.toThrow("part layer.0: 'weights' has shape [3, 2, 2], expected [3, 40, 40]");
});

describe('by words', () => {
  const bruteWords = (values: number[], n: number, words: [number, number][]) =>
    words.flatMap(([r0, r1]) =>
      words.map(([c0, c1]) => {
        const rows = Array.from({ length: r1 - r0 }, (_, r) => values.slice((r0 + r) * n + c0, (r0 + r) * n + c1));
        return rows.flat().reduce((a, b) => a + b, 0) / (r1 - r0);
      }),
    );

  it.each(['full', 'u8', 'topk'] as const)('columns are summed and rows averaged (%s)', async (data) => {
    const { of, report, weights, n } = make({ data });
    const expected = bruteWords(truth(weights, n, 0, 2), n, report.words.tokens);
    const words = toWords(await of.head(0, 2), report.words.tokens);
    if (data === 'full') expectClose(words.best, expected);
    else expectEnclosed(words, expected.map(Math.fround));
    expect([words.rows, words.columns]).toEqual([report.words.text.length, report.words.text.length]);
  });
});

describe('without special tokens', () => {
  it.each(['full', 'u8', 'topk'] as const)('rows are shares of what is left (%s)', async (data) => {
    const { of, report, weights, n } = make({ data });
    const { special } = report.tokens;
    const values = truth(weights, n, 1, 1);
    const expected = values.map((w, i) => {
      const row = values.slice(Math.floor(i / n) * n, (Math.floor(i / n) + 1) * n);
      return special[i % n] ? 0 : w / row.reduce((sum, other, c) => sum + (special[c] ? 0 : other), 0);
    });
    const left = shapeWeights(await of.head(1, 1), report, { unit: 'token', special: 'renormalise' });
    if (data === 'full') expectClose(left.best, expected);
    else
      expectEnclosed(
        left,
        expected.map((w) => w * (1 - 1e-6)),
      );
  });

  it('a row with nothing left is 0', () => {
    const left = withoutColumns(exactWeights(Float32Array.of(0, 1, 0.5, 0.5), 2, 2), [false, true]);
    expect([...left.best]).toEqual([0, 0, 1, 0]);
  });

  it('nothing changes where they are shown or hidden', async () => {
    const { of, report } = make({ data: 'u8' });
    const head = await of.head(0, 0);
    for (const special of ['show', 'hide'] as const)
      expect(shapeWeights(head, report, { unit: 'token', special })).toBe(head);
  });
});

it('transposing turns rows into columns, and back', () => {
  const weights: Weights = {
    rows: 2,
    columns: 3,
    best: Float32Array.of(1, 2, 3, 4, 5, 6),
    low: Float32Array.of(0, 1, 2, 3, 4, 5),
    high: Float32Array.of(2, 3, 4, 5, 6, 7),
  };
  const turned = transposed(weights);
  expect([turned.rows, turned.columns, ...turned.best]).toEqual([3, 2, 1, 4, 2, 5, 3, 6]);
  expect(transposed(turned)).toEqual(weights);
});

describe('formatWeight', () => {
  it.each<[number, number, string]>([
    [0.43121, 0.43121, '0.4312'],
    [0.43115, 0.43125, '0.4312'],
    [0.4311, 0.4314, '0.431'],
    [0.426, 0.4335, '0.43'],
    [0.032, 0.038, '0.03 to 0.04'],
    [0.2101, 0.2999, '0.21 to 0.30'],
    [0, 0.002, '0.00'],
    [0, 0.2, '0.00 to 0.20'],
    [-0.00001, -0.00001, '0.0000'],
    [-0.5, -0.25, '-0.50 to -0.25'],
    [0, 1, '0.00 to 1.00'],
  ])('of %f to %f is %s', (low, high, text) => {
    expect(formatWeight(low, high)).toBe(text);
  });

  it('never prints a digit that a number within the bounds does not have', () => {
    const random = randomNumbers(3);
    for (let i = 0; i < 2000; ++i) {
      const low = random();
      const high = Math.min(1, low + random() ** 8);
      const text = formatWeight(low, high);
      const value = low + (high - low) * random();
      const [from, to] = text.split(' to ').map(Number) as [number, number?];
      const half = 0.5 * 10 ** -(text.length - 2) + 4e-7;
      if (to === undefined) expect(Math.abs(value - from)).toBeLessThanOrEqual(half);
      else expect(from <= value + 4e-7 && value <= to + 4e-7).toBe(true);
    }
  });
});

describe('rankInRow', () => {
  it('counts the larger ones', () => {
    const weights = exactWeights(Float32Array.of(0.1, 0.4, 0.4, 0.1), 1, 4);
    expect([0, 1, 2, 3].map((c) => rankInRow(weights, 0, c).rank)).toEqual([3, 1, 1, 3]);
    expect(rankInRow(weights, 0, 0)).toEqual({ rank: 3, of: 4, certain: true });
  });

  it('says when the bounds allow another rank', () => {
    const weights: Weights = {
      rows: 1,
      columns: 3,
      best: Float32Array.of(0.5, 0.2, 0.3),
      low: Float32Array.of(0.45, 0.1, 0.25),
      high: Float32Array.of(0.55, 0.3, 0.35),
    };
    expect([0, 1, 2].map((c) => rankInRow(weights, 0, c).certain)).toEqual([true, false, false]);
  });
});
