// SPDX-License-Identifier: Apache-2.0
import { untrack } from 'svelte';
import type { Report } from '../contract/report';
import type { Weights } from '../data/weights';
import type { Look } from '../render/renderer';
import type { ViewState } from '../state/types';
import type { App, Beside } from '../ui/app.svelte';
import { alignWords, type Pairs, withPair } from './alignment';
import { completeSides, options, pairNames, parseHead } from './compare';
import { type Difference, differenceOf, divergence } from './divergence';
import { Loading, nextSlice } from './loading.svelte';

interface Side {
  names: string[];
  special: boolean[];
  weights: Weights;
}

interface Loaded {
  sides: ViewState['compare'];
  left: Beside;
  right: Beside;
  /** Token by token. */
  leftRaw: Weights;
  rightRaw: Weights;
}

/** What the view Compare computes from the shared state. */
export class Comparison {
  readonly loading = new Loading<Loaded>();
  divergences = $state.raw<(number | null)[][]>([]);
  progress = $state(1);

  // Each of these changes alone: what is computed from one of them is kept while others change.
  readonly #unit = $derived.by(() => this.app.state.unit);
  readonly #special = $derived.by(() => this.app.state.special);
  readonly #range = $derived.by(() => this.app.state.range);
  readonly #transform = $derived.by(() => this.app.state.transform);
  readonly #byHand = $derived.by(() => this.app.state.pairs);
  readonly #palette = $derived.by(() => this.app.state.palette);
  readonly documents = $derived.by(() => this.app.documents.map((entry) => entry.id));
  /** Those of the open one's model. */
  readonly #alike = new Loading<string[]>();
  readonly sides = $derived.by(() => this.#sides());
  readonly options = $derived.by(() => options(this.sides.kind, this.app.report!, this.documents));
  readonly pair = $derived.by(() => this.#pair());
  readonly pairs = $derived.by(() => this.#pairs());
  readonly names = $derived.by(() =>
    this.pair ? pairNames(this.pairs, this.pair.left.names, this.pair.right.names) : [],
  );
  readonly difference = $derived.by(() => this.#difference());
  readonly looks = $derived.by(() => this.#looks());
  // As text: other weights of the same words leave the pairs as they are.
  readonly #words = $derived.by(() =>
    JSON.stringify(this.pair ? [this.pair.left.names, this.pair.right.names] : [[], []]),
  );
  /** What the divergences depend on. */
  readonly #measured = $derived.by(() => {
    const { kind, left, right } = this.loading.value?.sides ?? { kind: '', left: '', right: '' };
    return JSON.stringify([kind, left, kind === 'document' && right, this.#unit, this.#special, this.pairs]);
  });

  constructor(readonly app: App) {
    const key = $derived(JSON.stringify([this.sides, this.sides.kind === 'document' && this.#head()]));
    $effect(() => {
      void key;
      const [sides, head] = untrack(() => [this.sides, this.#head()] as const);
      return this.loading.start((signal) => this.#load(sides, head, signal));
    });
    $effect(() => this.#alike.start(() => documentsAlike(app, this.documents)));
    $effect(() => {
      const loaded = this.loading.value;
      app.compared = loaded && { sides: loaded.sides, texts: [loaded.left.report.text, loaded.right.report.text] };
      return () => {
        app.compared = null;
      };
    });
    $effect(() => {
      void this.#measured;
      return untrack(() => this.#measureAll());
    });
  }

  /** Layer and head that stand on the left. */
  get headOfLeft(): [number, number] {
    return this.sides.kind === 'document' ? this.#head() : parseHead(this.sides.left, this.app.report!);
  }

  get chosenTile(): { row: number; column: number } | null {
    const [row, column] = this.sides.kind === 'document' ? this.#head() : parseHead(this.sides.right, this.app.report!);
    return { row, column };
  }

  pairUp(left: number, right: number): void {
    this.app.set({ pairs: [...this.app.state.pairs, [left, right]] });
  }

  #head(): [number, number] {
    return [this.app.state.layer, this.app.state.head];
  }

  #sides() {
    const { app, documents } = this;
    const complete = (compare: ViewState['compare'], texts: string[]) =>
      completeSides(compare, app.report!, texts, app.documentId, this.#head());
    const { compare } = app.state;
    const texts = compare.left + compare.right === '' ? (this.#alike.value ?? documents) : documents;
    if (compare.kind !== 'document' || texts.length > 1) return complete(compare, texts);
    return complete({ kind: 'layer', left: '0', right: '1' }, texts);
  }

  async #load(sides: ViewState['compare'], head: [number, number], signal: AbortSignal) {
    const isText = sides.kind === 'document';
    const left = await this.app.beside(isText ? sides.left : this.app.documentId);
    const right = isText ? await this.app.beside(sides.right) : left;
    const get = (beside: Beside, side: string) => weightsOfSide(beside, sides.kind, side, head, signal);
    return { sides, left, right, leftRaw: await get(left, sides.left), rightRaw: await get(right, sides.right) };
  }

  /** Words that are alike, and what was paired by hand. */
  #pairs(): Pairs {
    const [left, right] = JSON.parse(this.#words) as [string[], string[]];
    const byHand = this.#byHand.filter(([i, j]) => i < left.length && j < right.length);
    return byHand.reduce<Pairs>((pairs, [i, j]) => withPair(pairs, i, j), alignWords(left, right));
  }

  #pair(): { left: Side; right: Side } | null {
    const loaded = this.loading.value;
    if (!loaded) return null;
    void [this.#unit, this.#special];
    const sideOf = (beside: Beside, raw: Weights): Side => {
      const places = beside.places();
      const names = places.map((place) => place.text);
      return { names, special: places.map((place) => place.special), weights: beside.shaped(raw) };
    };
    return untrack(() => ({ left: sideOf(loaded.left, loaded.leftRaw), right: sideOf(loaded.right, loaded.rightRaw) }));
  }

  #difference(): Difference | null {
    if (!this.pair) return null;
    const { left, right } = this.pair;
    return differenceOf(left.weights, right.weights, this.pairs);
  }

  /** One scale for A and B, one with both signs for the difference. */
  #looks(): { sides: Look; change: Look } | null {
    const { pair, difference } = this;
    if (!pair || !difference) return null;
    void this.#palette;
    const [special, range, transform] = [this.#special, this.#range, this.#transform];
    const looks = untrack(() => [pair.left, pair.right].map((side) => this.app.look(side.weights)));
    const hidden = Uint8Array.from(this.pairs, ([i]) => (special !== 'show' && pair.left.special[i] ? 1 : 0));
    const largest = difference.change.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return {
      sides: { ...looks[0]!, top: Math.max(...looks.map((look) => look.top)), hidden },
      change: { palette: 'difference', transform, top: range === 'unit' ? 1 : largest || 1, hidden },
    };
  }

  /** The divergence of every head, a slice at a time. */
  #measureAll(): (() => void) | undefined {
    const loaded = this.loading.value;
    const { pairs } = this;
    if (!loaded || pairs.length === 0) return;
    const { kind, left } = loaded.sides;
    this.divergences = [];
    if (!sameSize(loaded.left.report, loaded.right.report)) return;
    const abort = new AbortController();
    const of = (beside: Beside, layer: number, head: number) =>
      kind === 'layer'
        ? beside.weights.mean([layer], null, abort.signal)
        : beside.weights.head(layer, head, abort.signal);
    const { layers, heads } = loaded.left.report;
    const columns = kind === 'layer' ? 1 : heads.length;
    void this.#measure(layers.length, columns, abort.signal, async (layer, head) => {
      const fixed = kind === 'document' ? ([layer, head] as const) : parseHead(left, loaded.left.report);
      const sides = [await of(loaded.left, ...fixed), await of(loaded.right, layer, head)] as const;
      return divergence(differenceOf(loaded.left.shaped(sides[0]), loaded.right.shaped(sides[1]), pairs));
    });
    return () => abort.abort();
  }

  async #measure(
    rows: number,
    columns: number,
    signal: AbortSignal,
    of: (row: number, column: number) => Promise<number>,
  ): Promise<void> {
    const values = Array.from({ length: rows }, () => new Array<number | null>(columns).fill(null));
    this.progress = 0;
    try {
      for (let at = 0; at < rows * columns; ++at) {
        const row = Math.floor(at / columns);
        await nextSlice(signal);
        values[row]![at % columns] = await of(row, at % columns);
        signal.throwIfAborted();
        this.progress = (at + 1) / (rows * columns);
        // One row at a time: each shows all tiles anew.
        if ((at + 1) % columns === 0) this.divergences = values.map((line) => [...line]);
      }
    } catch (error) {
      this.app.fail(error);
    }
  }
}

function weightsOfSide(
  beside: Beside,
  kind: string,
  side: string,
  head: [number, number],
  signal: AbortSignal,
): Promise<Weights> {
  if (kind === 'document') return beside.weights.head(...head, signal);
  const [layer, at] = parseHead(side, beside.report);
  return kind === 'layer' ? beside.weights.mean([layer], null, signal) : beside.weights.head(layer, at, signal);
}

/** The documents of the model of the open one; a program behind the page has one model. */
async function documentsAlike(app: App, documents: string[]): Promise<string[]> {
  const source = app.report!.model.source;
  const reports = app.live ? [] : await Promise.all(documents.map((id) => app.source.report(id)));
  return documents.filter((_, i) => (reports[i]?.model.source ?? source) === source);
}

function sameSize(left: Report, right: Report): boolean {
  return left.layers.length === right.layers.length && left.heads.length === right.heads.length;
}
