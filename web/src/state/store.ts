// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import { fitState, withoutStale } from './defaults';
import { readHash, writeHash } from './hash';
import type { ViewState } from './types';

/** Steps that can be undone. */
const STEPS = 100;
/** Browsers limit how often an address may change. */
const ADDRESS_PAUSE_MS = 200;

type Listener = (state: ViewState) => void;

/** The state that all views share: an immutable value that is replaced, with undo. */
export class Store {
  #state: ViewState;
  #past: ViewState[] = [];
  #future: ViewState[] = [];
  #listeners = new Set<Listener>();
  /** The fields of a run of replacements, which is one step. */
  #replaced: string | null = null;

  constructor(state: ViewState) {
    this.#state = state;
  }

  get state(): ViewState {
    return this.#state;
  }

  /** `replace`: changes of the same fields one after another are one step (a slider that moves). */
  set(changes: Partial<ViewState>, replace = false): void {
    const patch = withoutStale(changes);
    const fields = Object.keys(patch).sort().join();
    if (isPartOf(patch, this.#state)) return;
    if (!replace || this.#replaced !== fields) {
      this.#past.push(this.#state);
      if (this.#past.length > STEPS) this.#past.shift();
    }
    this.#replaced = replace ? fields : null;
    this.#future = [];
    this.#change({ ...this.#state, ...patch });
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  undo(): void {
    this.#travel(this.#past, this.#future);
  }

  redo(): void {
    this.#travel(this.#future, this.#past);
  }

  /** Drops what a document does not have; no step. */
  fit(report: Report): void {
    const fitted = fitState(this.#state, report);
    if (fitted !== this.#state) this.#change(fitted);
  }

  #travel(from: ViewState[], to: ViewState[]): void {
    const state = from.pop();
    if (!state) return;
    to.push(this.#state);
    this.#replaced = null;
    this.#change(state);
  }

  #change(state: ViewState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

function isPartOf(patch: Partial<ViewState>, state: ViewState): boolean {
  const keys = Object.keys(patch) as (keyof ViewState)[];
  return keys.every((key) => JSON.stringify(patch[key]) === JSON.stringify(state[key]));
}

/** A store of its own, for one of many instances on a page. `view`: a hash to begin with. */
export function createStore(view = ''): Store {
  return new Store(readHash(view));
}

/**
 * A store that is mirrored in the address, so that a link opens the same picture; works for pages from disk, too.
 * `view`: a hash to begin with where the address has none. `end` lets go of the address.
 */
export function createAddressStore(view = ''): { store: Store; end: () => void } {
  const store = createStore(location.hash.length > 1 ? location.hash : view);
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The address as it was last read or written. */
  let seen = location.hash.slice(1);
  const write = () => {
    timer = undefined;
    if (location.hash.slice(1) !== seen) return read(); // somebody else was faster
    try {
      history.replaceState(history.state, '', `#${writeHash(store.state)}`);
      seen = location.hash.slice(1);
    } catch {
      // A page within a page may not have an address of its own; then there is no link to share.
    }
  };
  const unsubscribe = store.subscribe(() => {
    timer ??= setTimeout(write, ADDRESS_PAUSE_MS);
  });
  const read = () => {
    if (location.hash.slice(1) === seen) return;
    seen = location.hash.slice(1);
    store.set(readHash(location.hash));
  };
  addEventListener('hashchange', read);
  return {
    store,
    end: () => {
      unsubscribe();
      removeEventListener('hashchange', read);
      clearTimeout(timer);
    },
  };
}
