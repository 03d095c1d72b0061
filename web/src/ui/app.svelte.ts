// SPDX-License-Identifier: Apache-2.0
import { untrack } from 'svelte';
import type { Report } from '../contract/report';
import type { Tensors } from '../contract/safetensors';
import type { DocumentEntry, Live, Source } from '../data/source';
import { MessageError } from '../data/source';
import { warmLayers } from '../data/warm';
import type { Weights } from '../data/weights';
import type { Look, Renderer } from '../render/renderer';
import type { ViewState } from '../state/types';
import type { Figure } from './figure/svg';
import { copyText } from './files';
import { type Place, placesOf } from './places';

/** Attention of one document, token by token. Rejects with AbortError after `signal`, else with a MessageError. */
export interface WeightsOf {
  head(layer: number, head: number, signal?: AbortSignal): Promise<Weights>;
  /** Mean over positions of layers and heads; null: all. */
  mean(layers: number[] | null, heads: number[] | null, signal?: AbortSignal): Promise<Weights>;
  /** A part as it is: "overview", "states.0". */
  part(name: string, signal?: AbortSignal): Promise<Tensors>;
}

/** The shared state: an immutable value that is replaced. */
export interface StateStore {
  readonly state: ViewState;
  /** `replace`: no step of its own for undo (a slider that moves). */
  set(patch: Partial<ViewState>, replace?: boolean): void;
  subscribe(listener: (state: ViewState) => void): () => void;
  undo(): void;
  redo(): void;
  /** Drops what a document does not have. */
  fit(report: Report): void;
}

/** One cell: from token or word (row) to token or word (column), positions in the unit of the state. */
export interface Cell {
  layer?: number | undefined;
  head?: number | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** A look and what is measured with it: "mean over 6 layers". `tint`: shades of the accent, as in the text. */
export interface Scale {
  look: Look;
  about: string;
  range: ViewState['range'];
  tint?: boolean;
}

/** A document that is not the open one, in the unit of the state. */
export interface Beside {
  report: Report;
  weights: WeightsOf;
  shaped(weights: Weights): Weights;
  places(): Place[];
}

/** The view as a picture for a paper, of what it shows now. */
export interface Drawing {
  title: string;
  caption: string;
  figure: Figure;
}

/** How the app gets at numbers: given by the entry point, so that tests can give others. */
export interface AppParts {
  source: Source;
  renderer: Renderer;
  store: StateStore;
  weights(document: string, report: Report): WeightsOf;
  /** To the unit and the treatment of special tokens that the state asks for. */
  shape(weights: Weights, report: Report, state: ViewState): Weights;
  /** The look of the state for these weights. */
  look(weights: Weights, report: Report, state: ViewState): Look;
}

/**
 * What every view is given, as `{ app }`.
 *
 * Read `app.state`, change it with `app.set({...})`. Everything a pointer shows goes through `readOut`, everything
 * that is chosen through `inspect`, every error through `fail`.
 */
export class App {
  readonly source: Source;
  readonly renderer: Renderer;
  readonly store: StateStore;
  readonly live: Live | null;
  #parts: AppParts;
  #opening = '';
  /** Ends what is unpacked ahead. */
  #warming = new AbortController();

  documents = $state.raw<DocumentEntry[]>([]);
  /** Of the document that is open; empty: there is none. */
  documentId = $state('');
  /** The document that is open, until the next is there; null while the first loads, or if there is none. */
  report = $state.raw<Report | null>(null);
  /** Its weights; changes together with `report`. */
  weights = $state.raw<WeightsOf | null>(null);
  state = $state.raw<ViewState>(null as unknown as ViewState);
  /** The line at the bottom. */
  line = $state('');
  /** The colour bar at the bottom: what the view draws with; null: it has its own, or needs none. */
  scale = $state.raw<Scale | null>(null);
  /** Makes a picture of the view; null: it has none. Set by views that draw what only they know. */
  drawing = $state.raw<(() => Drawing) | null>(null);
  /** What Compare shows, its sides filled in, and the texts they are of; null elsewhere. */
  compared = $state.raw<{ sides: ViewState['compare']; texts: string[] } | null>(null);
  /** What the inspector shows. */
  cell = $state.raw<Cell>({});
  error = $state.raw<{ message: string; hint: string } | null>(null);
  /** What each head does for a focus, as far as it was measured since the text was opened. */
  measured = $state.raw<Record<number, { value: number; effect: number[][] }>>({});
  /** What runs now: shown with a bar and a way to cancel. */
  task = $state.raw<{ name: string; done: number | null; cancel: () => void } | null>(null);

  constructor(parts: AppParts) {
    this.#parts = parts;
    this.source = parts.source;
    this.renderer = parts.renderer;
    this.store = parts.store;
    this.live = parts.source.live;
    this.state = parts.store.state;
    this.documents = parts.source.documents();
  }

  /** Follows the store and opens its document. Returns what ends it. */
  start(): () => void {
    const end = this.store.subscribe((state) => {
      const other = state.document !== this.state.document;
      if (state.view !== this.state.view) this.line = '';
      this.state = state;
      if (other) void this.#open();
      else if (this.report && this.#opening === this.documentId) this.store.fit(this.report);
    });
    // In an effect: what is read while opening must not open the document again.
    untrack(() => void this.#open());
    return () => {
      this.#warming.abort();
      end();
    };
  }

  set(patch: Partial<ViewState>, replace = false): void {
    this.store.set(patch, replace);
  }

  /** The line at the bottom, which is read out. */
  readOut(text: string): void {
    this.line = text;
  }

  inspect(cell: Cell): void {
    this.cell = cell;
  }

  /** Shows an error; one that was asked for (AbortError) is no error. */
  fail(error: unknown): void {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    const message = error instanceof Error ? error.message : String(error);
    this.error = { message, hint: error instanceof MessageError ? error.hint : '' };
  }

  /** Weights in the unit of the state, special tokens as it says. */
  shaped(weights: Weights): Weights {
    return this.report ? this.#parts.shape(weights, this.report, this.state) : weights;
  }

  /** Another document, to stand beside the open one. */
  async beside(id: string): Promise<Beside> {
    const report = await this.source.report(id);
    return {
      report,
      weights: this.#parts.weights(id, report),
      shaped: (weights) => this.#parts.shape(weights, report, this.state),
      places: () => placesOf(report, this.state.unit),
    };
  }

  look(weights: Weights): Look {
    return this.#parts.look(weights, this.report as Report, this.state);
  }

  /** Rows and columns in the unit of the state: texts, and where they stand. */
  places(): Place[] {
    return this.report ? placesOf(this.report, this.state.unit) : [];
  }

  /** Number of a layer or head to print, from its position. */
  layerName(position: number): string {
    return `L${this.report?.layers[position] ?? position}`;
  }
  headName(position: number): string {
    return `H${this.report?.heads[position] ?? position}`;
  }

  /** Runs the model on a text and shows it. Only with a program behind the page. */
  async run(text: string): Promise<void> {
    if (!this.live) return;
    await this.during('Running the model', async (signal) => {
      const id = await this.live!.run(text, signal);
      this.documents = this.source.documents();
      this.set({ document: id, selected: [], ablated: [] });
    });
  }

  /** Measures what each head does for a focus. Only with a program behind the page. */
  async measureHeads(focus: number): Promise<void> {
    const { live, documentId } = this;
    if (!live) return;
    await this.during('Switching off one head after another', async (signal, progress) => {
      const result = await live.scan(documentId, focus, progress, signal);
      if (this.documentId === documentId) this.measured = { ...this.measured, [focus]: result };
    });
  }

  /** To the clipboard; `what` is read out. */
  async copy(text: string, what: string): Promise<void> {
    try {
      await copyText(text);
      this.readOut(`Copied: ${what}`);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Something that takes its time: shown, can be cancelled, its error shown. One at a time. */
  async during<T>(
    name: string,
    work: (signal: AbortSignal, progress: (done: number, all: number) => void) => Promise<T>,
  ): Promise<T | undefined> {
    this.task?.cancel();
    const abort = new AbortController();
    const task = { name, done: null, cancel: () => abort.abort() };
    const isMine = () => this.task?.cancel === task.cancel;
    this.task = task;
    this.error = null;
    try {
      return await work(abort.signal, (done, all) => {
        if (isMine()) this.task = { ...task, done: all > 0 ? done / all : null };
      });
    } catch (error) {
      this.fail(error);
      return undefined;
    } finally {
      if (isMine()) this.task = null;
    }
  }

  async #open(): Promise<void> {
    const id = this.documents.some((entry) => entry.id === this.state.document)
      ? this.state.document
      : (this.documents.at(this.live ? -1 : 0)?.id ?? '');
    this.#opening = id;
    this.#warming.abort();
    this.#warming = new AbortController();
    const report = id ? await this.source.report(id).catch((error) => this.fail(error)) : null;
    if (this.#opening !== id) return;
    this.documentId = id;
    this.weights = report ? this.#parts.weights(id, report) : null;
    this.report = report ?? null;
    this.cell = {};
    this.scale = null;
    this.measured = {};
    if (!report) return;
    this.line = '';
    this.store.fit(report);
    void warmLayers(this.source, id, report, this.#warming.signal);
  }
}
