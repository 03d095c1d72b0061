// SPDX-License-Identifier: Apache-2.0
/** Documents made of nothing, for tests and for the development page: the same options give the same numbers. */
import type { Entity, Focus, Report } from '../contract/report';
import type { Tensor, Tensors } from '../contract/safetensors';
import { type DocumentEntry, type Live, MessageError, type Source } from '../data/source';
import { type SyntheticText, syntheticText } from './text';

export interface SyntheticOptions {
  /** Number of tokens, both special ones included; not used where `text` is given. Default: 24. */
  tokens?: number;
  /** Default: a text of the wanted length. */
  text?: string;
  layers?: number;
  heads?: number;
  data?: 'full' | 'u8' | 'topk';
  topK?: number;
  seed?: number;
}

export interface SyntheticDocument {
  report: Report;
  parts: Map<string, Tensors>;
  /** [layers, heads, n, n], rows that sum to 1. */
  weights: Float32Array<ArrayBuffer>;
}

export function syntheticDocument(options: SyntheticOptions = {}): SyntheticDocument {
  const { layers = 6, heads = 12, data = 'full', seed = 1 } = options;
  const text = syntheticText(options.text ?? options.tokens ?? 24);
  const n = text.tokens.text.length;
  const topK = Math.min(options.topK ?? 16, n);
  const weights = randomRows(layers * heads, n, seed);
  const parts = new Map<string, Tensors>([['overview', overviewOf(weights, layers, heads, n)]]);
  for (let layer = 0; layer < layers; ++layer) {
    parts.set(
      `layer.${layer}`,
      layerOf(weights.subarray(layer * heads * n * n, (layer + 1) * heads * n * n), heads, n, data, topK),
    );
    parts.set(`states.${layer}`, statesOf(heads, n, seed + layer));
  }
  return { report: reportOf(text, weights, layers, heads, data, topK, [...parts.keys()]), parts, weights };
}

/** Numbers in [0, 1) that depend on the seed alone. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Softmax rows of different sharpness, each head with a leaning to a distance or to the last token. */
function randomRows(matrices: number, n: number, seed: number): Float32Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  const weights = new Float32Array(matrices * n * n);
  for (let matrix = 0; matrix < matrices; ++matrix) {
    const sharpness = 1 + 5 * random();
    const shift = Math.round(4 * random()) - 2;
    const last = 3 * random();
    for (let row = 0; row < n; ++row) {
      const at = (matrix * n + row) * n;
      let sum = 0;
      for (let column = 0; column < n; ++column) {
        const near = Math.exp(-Math.abs(column - row - shift)) + (column === n - 1 ? last / sharpness : 0);
        const value = Math.exp(sharpness * (near + 0.5 * random()));
        weights[at + column] = value;
        sum += value;
      }
      for (let column = 0; column < n; ++column) weights[at + column]! /= sum;
    }
  }
  return weights;
}

export function layerOf(
  weights: Float32Array<ArrayBuffer>,
  heads: number,
  n: number,
  data: 'full' | 'u8' | 'topk',
  topK: number,
): Tensors {
  const tensors: Tensors = new Map();
  if (data === 'full') return tensors.set('weights', { shape: [heads, n, n], data: weights });
  if (data === 'u8') {
    tensors.set('weights', {
      shape: [heads, n, n],
      data: Uint8Array.from(weights, (w) => Math.round(255 * Math.sqrt(w))),
    });
  }
  const keys = new Uint16Array(heads * n * topK);
  const tops = new Uint16Array(heads * n * topK);
  for (let row = 0; row < heads * n; ++row) {
    const values = weights.subarray(row * n, (row + 1) * n);
    const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
    order.slice(0, topK).forEach((key, i) => {
      keys[row * topK + i] = key;
      tops[row * topK + i] = Math.round(10000 * values[key]!);
    });
  }
  tensors.set('top_keys', { shape: [heads, n, topK], data: keys });
  return tensors.set('top_weights', { shape: [heads, n, topK], data: tops });
}

function overviewOf(weights: Float32Array, layers: number, heads: number, n: number): Tensors {
  const size = Math.min(n, 64);
  const cells = n * n;
  const bytes = new Uint8Array(layers * heads * size * size);
  const means = new Float32Array(layers * size * size);
  for (let layer = 0; layer < layers; ++layer) {
    const mean = new Float32Array(cells);
    for (let head = 0; head < heads; ++head) {
      const at = layer * heads + head;
      const matrix = weights.subarray(at * cells, (at + 1) * cells);
      pool(matrix, n, size).forEach((w, i) => {
        bytes[at * size * size + i] = Math.round(255 * Math.sqrt(w));
      });
      for (let i = 0; i < cells; ++i) mean[i]! += matrix[i]! / heads;
    }
    means.set(pool(mean, n, size), layer * size * size);
  }
  const count = layers * heads;
  const random = randomNumbers(count);
  const map = Float32Array.from({ length: 2 * count }, () => random() - 0.5);
  const distances = Float32Array.from({ length: count * count }, (_, i) => {
    const [a, b] = [Math.floor(i / count), i % count];
    return Math.hypot(map[2 * a]! - map[2 * b]!, map[2 * a + 1]! - map[2 * b + 1]!) / 2;
  });
  const tensors: Tensors = new Map([
    ['overview', { shape: [layers, heads, size, size], data: bytes }],
    ['layer_means', { shape: [layers, size, size], data: means }],
    ['rollout', { shape: [layers, size, size], data: means.slice() }],
  ]);
  if (n > 128) return tensors;
  tensors.set('head_map', { shape: [count, 2], data: map });
  return tensors.set('head_distances', { shape: [count, count], data: distances });
}

function pool(matrix: Float32Array, n: number, size: number): Float32Array {
  const pooled = new Float32Array(size * size);
  for (let row = 0; row < n; ++row) {
    for (let column = 0; column < n; ++column) {
      const at = Math.floor((row * size) / n) * size + Math.floor((column * size) / n);
      pooled[at] = Math.max(pooled[at]!, matrix[row * n + column]!);
    }
  }
  return pooled;
}

function statesOf(heads: number, n: number, seed: number): Tensors {
  const random = randomNumbers(seed);
  const state = (): Tensor => ({
    shape: [heads, n, 64],
    data: Float32Array.from({ length: heads * n * 64 }, () => 2 * random() - 1),
  });
  return new Map([
    ['query', state()],
    ['key', state()],
  ]);
}

function reportOf(
  text: SyntheticText,
  weights: Float32Array,
  layers: number,
  heads: number,
  data: 'full' | 'u8' | 'topk',
  topK: number,
  parts: string[],
): Report {
  const n = text.tokens.text.length;
  const table = <T>(make: (layer: number, head: number) => T) =>
    Array.from({ length: layers }, (_, layer) => Array.from({ length: heads }, (_, head) => make(layer, head)));
  const meanOver = (layer: number, head: number, of: (w: number, row: number, column: number) => number) => {
    let sum = 0;
    const at = (layer * heads + head) * n * n;
    for (let i = 0; i < n * n; ++i) sum += of(weights[at + i]!, Math.floor(i / n), i % n);
    return sum / n;
  };
  const entropy = table((l, h) => meanOver(l, h, (w) => (w > 0 ? -w * Math.log(w) : 0)));
  const share = (column: (row: number) => number) =>
    table((l, h) => meanOver(l, h, (w, r, c) => (c === column(r) ? w : 0)));
  const headNumbers = {
    entropy,
    relative_entropy: entropy.map((row) => row.map((value) => value / Math.log(n))),
    distance: table((l, h) => meanOver(l, h, (w, r, c) => w * Math.abs(r - c))),
    self: share((row) => row),
    previous: share((row) => row - 1),
    next: share((row) => row + 1),
    cls: share(() => 0),
    sep: share(() => n - 1),
  };
  const overHeads = (rows: number[][]) => rows.map((row) => row.reduce((a, b) => a + b, 0) / heads);
  return {
    format: 'attnscope-report',
    version: 1,
    generator: 'attnscope 0.0.0',
    model: modelFacts(layers, heads),
    layers: Array.from({ length: layers }, (_, i) => i),
    heads: Array.from({ length: heads }, (_, i) => i),
    text: text.text,
    tokens: text.tokens,
    words: text.words,
    prediction: null,
    entities: text.entities,
    focuses: focusesOf(text, layers, heads),
    head_numbers: headNumbers,
    head_patterns: table((l, h) => ['previous', 'next', 'self', 'sep', 'broad', 'mixed'][(l + h) % 6]!),
    layer_numbers: { entropy: overHeads(entropy), sep: overHeads(headNumbers.sep) },
    modules: modulesOf(layers, heads, n),
    weights: { data, top_k: topK, overview_size: Math.min(n, 64), query_key: true },
    parts,
    notices: [],
  };
}

function modelFacts(layers: number, heads: number): Report['model'] {
  return {
    source: 'synthetic',
    model_type: 'distilbert',
    architecture: 'DistilBertForTokenClassification',
    task: 'token-classification',
    layers,
    heads,
    hidden_size: 64 * heads,
    head_dim: 64,
    max_positions: 512,
    labels: ['O', 'B-PER', 'I-PER', 'B-LOC'],
    parameters: 1000000,
    embedded: true,
  };
}

function modulesOf(layers: number, heads: number, n: number): Report['modules'] {
  const state = { shape: [1, n, 64 * heads], dtype: 'F32' };
  const weights = { shape: [1, heads, n, n], dtype: 'F32' };
  const modules = [{ path: 'transformer', type: 'Transformer', outputs: [state] }];
  for (let layer = 0; layer < layers; ++layer) {
    const path = `transformer.layer.${layer}`;
    modules.push({ path, type: 'TransformerBlock', outputs: [state] });
    modules.push({ path: `${path}.attention`, type: 'DistilBertSelfAttention', outputs: [state, weights] });
    modules.push({ path: `${path}.attention.attn`, type: 'Attention', outputs: [weights, state] });
  }
  return modules;
}

function focusesOf(text: SyntheticText, layers: number, heads: number): Focus[] {
  return text.entities.map((entity: Entity, i) => {
    const random = randomNumbers(i + 7);
    const scores = () => text.words.special.map((special) => (special ? null : random()));
    return {
      kind: 'entity',
      text: entity.text,
      entity: i,
      words: entity.words,
      label: `B-${entity.kind}`,
      value: 4 + random(),
      measures: [
        {
          measure: 'attention',
          description: `attention weights, mean over ${layers} layers and ${heads} heads`,
          scores: scores(),
        },
        {
          measure: 'rollout',
          description: `attention rollout from the input to layer ${layers - 1}`,
          scores: scores(),
        },
      ],
      agreements: [{ left: 'attention', right: 'rollout', tau: 0.5 }],
      sentence: `${entity.text} was found as ${entity.kind}.`,
      ablation: {
        value: 4,
        effect: Array.from({ length: layers }, () => Array.from({ length: heads }, () => random() - 0.5)),
      },
    };
  });
}

export interface SyntheticSourceOptions extends SyntheticOptions {
  /** How many documents, each with another seed. Default: 2. */
  documents?: number;
  /** Whether there is a program behind the page. Default: false. */
  live?: boolean;
}

export function syntheticSource(options: SyntheticSourceOptions = {}): Source {
  const { documents = 2, live = false, seed = 1, ...rest } = options;
  const made = Array.from({ length: documents }, (_, i) => syntheticDocument({ ...rest, seed: seed + i }));
  const entries = (): DocumentEntry[] =>
    made.map((document, i) => ({ id: String(i), title: document.report.text.slice(0, 40) }));
  const find = (id: string) => {
    const document = made[Number(id)];
    if (!document) throw new MessageError(`document ${id}: not found`);
    return document;
  };
  return {
    kind: live ? 'server' : 'file',
    documents: entries,
    report: async (id) => find(id).report,
    part: async (id, name, signal) => {
      signal?.throwIfAborted();
      const tensors = find(id).parts.get(name) ?? (live ? livePart(find(id), name) : undefined);
      if (!tensors) throw new MessageError(`part ${name}: not found`);
      return tensors;
    },
    live: live ? syntheticLive((text) => made.push(syntheticDocument({ ...rest, text, seed })) - 1, find) : null,
  };
}

/** head.L.H, the mean of all, layer.L.full: what a program behind the page can give beside the parts. */
function livePart(document: SyntheticDocument, name: string): Tensors | undefined {
  const { report, weights } = document;
  const [heads, n] = [report.heads.length, report.tokens.text.length];
  const head = /^head\.(\d+)\.(\d+)$/.exec(name);
  if (head) {
    const at = (Number(head[1]) * heads + Number(head[2])) * n * n;
    return new Map([['weights', { shape: [n, n], data: weights.slice(at, at + n * n) }]]);
  }
  const layer = /^layer\.(\d+)\.full$/.exec(name);
  if (layer) {
    const at = Number(layer[1]) * heads * n * n;
    return new Map([['weights', { shape: [heads, n, n], data: weights.slice(at, at + heads * n * n) }]]);
  }
  const mean = /^mean\.([^.]+)\.([^.]+)$/.exec(name);
  if (!mean) return undefined;
  const layers = positions(mean[1]!, report.layers.length);
  const chosen = positions(mean[2]!, heads);
  const sum = new Float32Array(n * n);
  for (const l of layers) {
    for (const h of chosen) {
      const at = (l * heads + h) * n * n;
      for (let i = 0; i < n * n; ++i) sum[i]! += weights[at + i]! / (layers.length * chosen.length);
    }
  }
  return new Map([['weights', { shape: [n, n], data: sum }]]);
}

function positions(list: string, count: number): number[] {
  if (list === 'all') return Array.from({ length: count }, (_, i) => i);
  return list.split(',').flatMap((item) => {
    const [first, last] = item.split('-').map(Number) as [number, number?];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i);
  });
}

function syntheticLive(add: (text: string) => number, find: (id: string) => SyntheticDocument): Live {
  return {
    examples: ['Angela Merkel visited Paris.', 'A second example.'],
    run: async (text, signal) => {
      signal?.throwIfAborted();
      return String(add(text));
    },
    ablate: async (id, heads, focus) => {
      const { report } = find(id);
      const change = heads.reduce((sum, [l, h]) => sum + (report.focuses[focus]?.ablation?.effect[l]?.[h] ?? 0), 0);
      return {
        label: report.focuses[focus]?.label ?? '',
        value: 4,
        ablated: 4 + change,
        change,
        labels: report.words.label,
      };
    },
    scan: async (id, focus, progress, signal) => {
      const ablation = find(id).report.focuses[focus]?.ablation;
      for (let done = 0; done <= 10; ++done) {
        signal?.throwIfAborted();
        progress(done, 10);
      }
      if (!ablation) throw new MessageError(`focus ${focus}: the model says no label for it`);
      return ablation;
    },
    figure: async () => new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/svg+xml' }),
  };
}
