// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node
/** What the program writes is what the page reads: the fixture is compared by the program's tests, too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReport } from '../src/contract/read_report';
import type { Report } from '../src/contract/report';
import { readSafetensors, type Tensors } from '../src/contract/safetensors';
import { toWords } from '../src/data/shape';
import type { Source } from '../src/data/source';
import { isExact } from '../src/data/weights';
import { DocumentWeights } from '../src/data/weights_of';
import { syntheticDocument } from '../src/testing/synthetic';

const FIXTURE = join(import.meta.dirname, '../../tests/viewer/fixture');

function bytesOf(path: string): ArrayBuffer {
  return Uint8Array.from(readFileSync(join(FIXTURE, path))).buffer;
}

function fixture(data: 'full' | 'u8' | 'topk'): { report: Report; source: Source; of: DocumentWeights } {
  const report = readReport(new TextDecoder().decode(bytesOf(`${data}/report.json`)));
  const source: Source = {
    kind: 'file',
    documents: () => [{ id: '0', title: data }],
    report: async () => report,
    part: async (_, name) => readSafetensors(bytesOf(`${data}/${name}.safetensors`)),
    live: null,
  };
  return { report, source, of: new DocumentWeights(source, '0', report) };
}

const full = fixture('full');
const n = full.report.tokens.text.length;
const layers = full.report.layers.length;
const heads = full.report.heads.length;

function float32(tensors: Tensors, name: string): Float32Array {
  const { data } = tensors.get(name)!;
  if (!(data instanceof Float32Array)) throw new Error(`${name} is not float32`);
  return data;
}

function worst(one: ArrayLike<number>, other: ArrayLike<number>): number {
  expect(one.length).toBe(other.length);
  let most = 0;
  for (let i = 0; i < one.length; ++i) most = Math.max(most, Math.abs(one[i]! - other[i]!));
  return most;
}

describe('the fixture', () => {
  it('says what a synthetic report says, by the same names', () => {
    const { report } = syntheticDocument({ tokens: 12 });
    const names = (value: object) => Object.keys(value).sort();
    expect(names(full.report)).toEqual(names(report));
    for (const key of ['model', 'tokens', 'words', 'weights'] as const)
      expect(names(full.report[key])).toEqual(names(report[key]));
    expect(names(full.report.focuses[0]!)).toEqual(names(report.focuses[0]!));
    expect(Object.keys(full.report.head_numbers)).toEqual(
      expect.arrayContaining(['entropy', 'distance', 'self', 'sep']),
    );
  });

  it('has spans that cut the words out of the text', () => {
    const { text, words, entities } = full.report;
    expect(entities.length).toBeGreaterThan(0);
    words.text.forEach((word, i) => {
      if (!words.special[i]) expect(text.slice(...words.span[i]!)).toBe(word);
    });
    for (const entity of entities) expect(text.slice(...entity.span)).toBe(entity.text);
  });

  it('lists the parts that are there', async () => {
    for (const name of full.report.parts) expect((await full.source.part('0', name)).size).toBeGreaterThan(0);
  });

  it('has rows that sum to 1, whose entropy is the one reported', async () => {
    for (let layer = 0; layer < layers; ++layer) {
      for (let head = 0; head < heads; ++head) {
        const { best } = await full.of.head(layer, head);
        let entropy = 0;
        for (let row = 0; row < n; ++row) {
          const weights = best.subarray(row * n, (row + 1) * n);
          expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
          for (const w of weights) if (w > 0) entropy -= (w * Math.log(w)) / n;
        }
        expect(full.report.head_numbers.entropy![layer]![head]).toBeCloseTo(entropy, 4);
      }
    }
  });

  it('has an overview of the weights', async () => {
    const overview = await full.source.part('0', 'overview');
    const { shape, data } = overview.get('overview')!;
    const size = Math.min(n, 64);
    expect(shape).toEqual([layers, heads, size, size]);
    const means = float32(overview, 'layer_means');
    for (let layer = 0; layer < layers; ++layer) {
      const mean = await full.of.mean([layer], null);
      expect(worst(means.subarray(layer * size * size, (layer + 1) * size * size), mean.best)).toBeLessThan(1e-6);
      for (let head = 0; head < heads; ++head) {
        const at = (layer * heads + head) * size * size;
        const bytes = (await full.of.head(layer, head)).best.map((w) => Math.round(255 * Math.sqrt(w)));
        expect(worst(data.subarray(at, at + size * size), bytes)).toBe(0);
      }
    }
  });

  it('has queries and keys whose scaled product is the attention', async () => {
    const states = await full.source.part('0', 'states.2');
    const { shape } = states.get('query')!;
    const dim = shape[2]!;
    expect(shape).toEqual([heads, n, full.report.model.head_dim]);
    const [query, key] = [float32(states, 'query'), float32(states, 'key')];
    const { best } = await full.of.head(2, 5);
    for (let row = 0; row < n; ++row) {
      const scores = Array.from({ length: n }, (_, column) => {
        let sum = 0;
        for (let i = 0; i < dim; ++i) sum += query[(5 * n + row) * dim + i]! * key[(5 * n + column) * dim + i]!;
        return Math.exp(sum / Math.sqrt(dim));
      });
      const sum = scores.reduce((a, b) => a + b, 0);
      expect(
        worst(
          scores.map((score) => score / sum),
          best.subarray(row * n, (row + 1) * n),
        ),
      ).toBeLessThan(1e-5);
    }
  });

  it.each(['u8', 'topk'] as const)('has bounds that hold in %s data, for heads, means and words', async (data) => {
    const { of, report } = fixture(data);
    expect(report.weights.data).toBe(data);
    expect({ ...report, weights: null, parts: null }).toEqual({ ...full.report, weights: null, parts: null });
    const pairs = await Promise.all([
      ...Array.from(
        { length: heads },
        async (_, head) => [await of.head(0, head), await full.of.head(0, head)] as const,
      ),
      Promise.all([of.mean([0], null), full.of.mean([0], null)]),
    ]);
    for (const [known, exact] of pairs) {
      expect(isExact(known)).toBe(false);
      for (const [low, high, values] of [
        [known.low, known.high, exact.best],
        [
          toWords(known, report.words.tokens).low,
          toWords(known, report.words.tokens).high,
          toWords(exact, report.words.tokens).best,
        ],
      ] as const) {
        const outside = values.filter((w, i) => w < low[i]! - 1e-7 || w > high[i]! + 1e-7);
        expect([...outside]).toEqual([]);
      }
    }
  });
});
