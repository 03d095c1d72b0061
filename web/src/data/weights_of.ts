// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import type { Tensor, Tensors, TypedArray } from '../contract/safetensors';
import { MessageError, type Source } from './source';
import { breathing } from './tasks';
import { exactWeights, MeanOfWeights, type TopOfRows, type Weights, weightsOfBytes, weightsOfTop } from './weights';

/** How many heads and means of a document are kept ready. */
const KEPT = 12;

/** Attention of one document, from the parts that its source has. */
export class DocumentWeights {
  #kept = new Map<string, Weights>();
  readonly #n: number;
  /** Whether somebody may answer; not after nobody did. */
  #asks: boolean;

  constructor(
    private readonly source: Source,
    private readonly document: string,
    private readonly report: Report,
  ) {
    this.#n = report.tokens.text.length;
    this.#asks = source.asksForParts ?? false;
  }

  part(name: string, signal?: AbortSignal): Promise<Tensors> {
    return this.source.part(this.document, name, signal);
  }

  /** Of positions of a layer and a head. */
  head(layer: number, head: number, signal?: AbortSignal): Promise<Weights> {
    return this.#keep(`head.${layer}.${head}`, async (name) => {
      const exact = this.report.weights.data === 'full' ? null : await this.#asked(name, signal);
      return exact ?? this.#headOf(await this.part(`layer.${layer}`, signal), layer, head);
    });
  }

  /** Mean over positions of layers and heads; null: all. */
  mean(layers: number[] | null, heads: number[] | null, signal?: AbortSignal): Promise<Weights> {
    return this.#keep(
      `mean.${listName(layers)}.${listName(heads)}`,
      async (name) => (await this.#asked(name, signal)) ?? this.#meanOf(layers, heads, signal),
    );
  }

  async #meanOf(layers: number[] | null, heads: number[] | null, signal?: AbortSignal): Promise<Weights> {
    const mean = new MeanOfWeights(this.#n, this.#n);
    const breathe = breathing(signal);
    for (const layer of layers ?? this.report.layers.keys()) {
      const tensors = await this.part(`layer.${layer}`, signal);
      for (const head of heads ?? this.report.heads.keys()) {
        mean.add(this.#headOf(tensors, layer, head));
        await breathe();
      }
    }
    return mean.result();
  }

  /** The exact weights from a program behind the page; null where there is none. */
  async #asked(name: string, signal?: AbortSignal): Promise<Weights | null> {
    if (this.source.live) return this.#exact(await this.part(name, signal), name);
    if (!this.#asks) return null;
    try {
      return this.#exact(await this.part(name, signal), name);
    } catch {
      signal?.throwIfAborted();
      this.#asks = false;
      return null;
    }
  }

  #headOf(tensors: Tensors, layer: number, head: number): Weights {
    const n = this.#n;
    const name = `layer.${layer}`;
    const slice = (tensor: string, columns: number) => {
      const { shape, data } = tensorOf(tensors, name, tensor, [this.report.heads.length, n, columns]);
      const size = shape[1]! * shape[2]!;
      return data.subarray(head * size, (head + 1) * size);
    };
    const { data, top_k: k } = this.report.weights;
    if (data === 'full') return exactWeights(float32(slice('weights', n), name), n, n);
    const top: TopOfRows = {
      keys: uint16(slice('top_keys', k), name),
      weights: uint16(slice('top_weights', k), name),
      k,
    };
    if (data === 'topk') return weightsOfTop(top, n, n);
    const bytes = slice('weights', n);
    if (!(bytes instanceof Uint8Array)) throw wrongPart(name, 'bytes expected');
    return weightsOfBytes(bytes, top, n, n);
  }

  #exact(tensors: Tensors, name: string): Weights {
    const { data } = tensorOf(tensors, name, 'weights', [this.#n, this.#n]);
    return exactWeights(float32(data, name), this.#n, this.#n);
  }

  async #keep(name: string, make: (name: string) => Promise<Weights>): Promise<Weights> {
    const weights = this.#kept.get(name) ?? (await make(name));
    this.#kept.delete(name);
    this.#kept.set(name, weights);
    if (this.#kept.size > KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return weights;
  }
}

/** "0,3-5" of positions; "all" of null. */
export function listName(positions: readonly number[] | null): string {
  if (!positions) return 'all';
  const runs: [number, number][] = [];
  for (const position of [...new Set(positions)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === position - 1) last[1] = position;
    else runs.push([position, position]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

function tensorOf(tensors: Tensors, part: string, name: string, shape: number[]): Tensor {
  const tensor = tensors.get(name);
  if (!tensor) throw wrongPart(part, `'${name}' is missing`);
  if (tensor.shape.join() !== shape.join())
    throw wrongPart(part, `'${name}' has shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`);
  return tensor;
}

function float32(data: TypedArray, part: string): Float32Array {
  if (!(data instanceof Float32Array)) throw wrongPart(part, 'float32 expected');
  return data;
}

function uint16(data: TypedArray, part: string): Uint16Array {
  if (!(data instanceof Uint16Array)) throw wrongPart(part, 'uint16 expected');
  return data;
}

function wrongPart(part: string, what: string): MessageError {
  return new MessageError(`part ${part}: ${what}`, 'Page and data come from different versions: write the page again.');
}
