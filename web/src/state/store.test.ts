// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from 'vitest';
import { syntheticDocument } from '../testing/synthetic';
import { defaultHead } from './default_head';
import { DEFAULT_STATE, fitState } from './defaults';
import { readHash, writeHash } from './hash';
import { createAddressStore, createStore } from './store';
import type { ViewState } from './types';

/** Every field different from the start. */
const OTHER: ViewState = {
  view: 'query-key',
  document: 'a b/c&d=e#f',
  layer: 3,
  head: 7,
  layers: [0, 3, 4, 5],
  heads: [2],
  selected: [2, 3, 9],
  pinned: [
    [3, 7],
    [4, 2],
  ],
  unit: 'token',
  special: 'renormalise',
  measure: 'leave_one_out',
  transform: 'log',
  palette: 'viridis',
  range: 'percentile',
  direction: 'to',
  ablated: [[0, 11]],
  mass: 0.955,
  headForm: 'matrix',
  compare: { kind: 'document', left: 'x:y', right: '%é' },
  pairs: [
    [2, 3],
    [5, 4],
  ],
  from: 4,
  to: 0,
  sortHeads: 'entropy',
  sortLayers: 'pattern',
  headTab: 'map',
  headSort: '-max',
  theme: 'dark',
};

describe('the hash', () => {
  it('gives back every field', () => {
    for (const key of Object.keys(OTHER) as (keyof ViewState)[])
      expect(OTHER[key], key).not.toEqual(DEFAULT_STATE[key]);
    expect(readHash(writeHash(OTHER))).toEqual(OTHER);
    expect(readHash(writeHash(DEFAULT_STATE))).toEqual(DEFAULT_STATE);
  });

  it('is short and readable', () => {
    expect(writeHash(DEFAULT_STATE)).toBe('view=words');
    const state: ViewState = {
      ...DEFAULT_STATE,
      view: 'head',
      layer: 3,
      head: 7,
      selected: [2, 3],
      layers: [0, 1, 2, 5],
    };
    expect(writeHash(state)).toBe('view=head&layer=3&head=7&layers=0-2,5&selected=2-3');
  });

  it('reads what a person writes', () => {
    expect(readHash('#selected=3,2&pinned=1.2&heads=all&mass=.5')).toEqual({
      ...DEFAULT_STATE,
      selected: [2, 3],
      pinned: [[1, 2]],
      mass: 0.5,
    });
  });

  it.each([
    'view=nothing',
    'layer=-1',
    'layer=1e3',
    'layer=9999999',
    'layers=3-',
    'layers=1-2-3',
    'layers=a',
    'selected=1;2',
    'pinned=1',
    'pinned=1.2.3',
    'pinned=a.b',
    'mass=2',
    'mass=NaN',
    'compare=layer',
    'compare=x:1:2',
    'compare=layer:%25:1',
    'unit=',
    '__proto__=1',
    'constructor=1',
    '%',
    '&&==&',
    'selected=5-1',
  ])('ignores %s', (hash) => {
    expect(readHash(hash)).toEqual(DEFAULT_STATE);
  });

  it('pins four heads at most', () => {
    expect(readHash('pinned=1.1,1.2,1.3,1.4,1.5').pinned).toHaveLength(4);
  });
});

describe('fitState', () => {
  const { report } = syntheticDocument({ tokens: 12, layers: 2, heads: 3 });

  it('drops what the document does not have', () => {
    const fitted = fitState(
      {
        ...OTHER,
        selected: [2, 30],
        layers: [1, 5],
        pinned: [
          [1, 2],
          [1, 3],
        ],
        heads: [9],
      },
      report,
    );
    expect(fitted).toMatchObject({
      layer: 0,
      head: 0,
      selected: [2],
      layers: [1],
      heads: null,
      pinned: [[1, 2]],
      ablated: [],
    });
  });

  it('leaves the same object where all of it is there', () => {
    const state = { ...DEFAULT_STATE, layer: 1, head: 2 };
    expect(fitState(state, report)).toBe(state);
  });

  it('chooses a head only where none is named', () => {
    const [layer, head] = defaultHead(report);
    expect([layer, head]).not.toEqual([0, 0]);
    expect(fitState(DEFAULT_STATE, report)).toMatchObject({ layer, head });
    expect(fitState(readHash('layer=1'), report)).toMatchObject({ layer: 1, head: 0 });
    expect(fitState(readHash('layer=0&head=0'), report)).toMatchObject({ layer: 0, head: 0 });
    expect(writeHash(fitState(readHash('head=0'), report))).toBe('view=words&layer=0&head=0');
  });
});

describe('Store', () => {
  it('drops what was chosen for something else', () => {
    const store = createStore('view=compare&pairs=1.2&from=3&to=4');
    store.set({ layer: 2 });
    expect([store.state.pairs, store.state.from]).toEqual([[[1, 2]], 3]);
    store.set({ selected: [1] });
    expect([store.state.pairs, store.state.from, store.state.to]).toEqual([[[1, 2]], null, null]);
    store.set({ unit: 'token' });
    expect(store.state.pairs).toEqual([]);
    store.undo();
    expect(store.state.pairs).toEqual([[1, 2]]);
    store.set({ document: '1', pairs: [[0, 0]] });
    expect(store.state.pairs).toEqual([[0, 0]]);
  });

  it('tells its listeners', () => {
    const store = createStore('view=model');
    const seen: string[] = [];
    const end = store.subscribe((state) => seen.push(state.view));
    store.set({ view: 'head' });
    store.set({ view: 'head' });
    end();
    store.set({ view: 'words' });
    expect(seen).toEqual(['head']);
  });

  it('undoes and redoes steps', () => {
    const store = createStore();
    store.set({ layer: 1 });
    store.set({ layer: 2 });
    store.undo();
    expect(store.state.layer).toBe(1);
    store.undo();
    store.undo();
    expect(store.state).toEqual(DEFAULT_STATE);
    store.redo();
    store.redo();
    expect(store.state.layer).toBe(2);
    store.undo();
    store.set({ head: 1 });
    store.redo();
    expect(store.state).toMatchObject({ layer: 1, head: 1 });
  });

  it('remembers a hundred steps', () => {
    const store = createStore();
    for (let layer = 1; layer <= 150; ++layer) store.set({ layer });
    for (let i = 0; i < 200; ++i) store.undo();
    expect(store.state.layer).toBe(50);
  });

  it('takes a run of replacements as one step', () => {
    const store = createStore();
    for (const mass of [0.6, 0.5, 0.4]) store.set({ mass }, true);
    store.undo();
    expect(store.state.mass).toBe(0.7);
    store.redo();
    expect(store.state.mass).toBe(0.4);
  });
});

describe('the store of an address', () => {
  afterEach(() => {
    vi.useRealTimers();
    history.replaceState(null, '', location.pathname);
  });

  it('begins with the address, or with what the page says', () => {
    history.replaceState(null, '', '#view=heads');
    const first = createAddressStore('view=model');
    expect(first.store.state.view).toBe('heads');
    first.end();
    history.replaceState(null, '', location.pathname);
    const second = createAddressStore('view=model');
    expect(second.store.state.view).toBe('model');
    second.end();
  });

  it('writes the address, seldom', () => {
    vi.useFakeTimers();
    const replace = vi.spyOn(history, 'replaceState');
    const { store, end } = createAddressStore();
    for (let layer = 1; layer < 50; ++layer) store.set({ layer });
    vi.advanceTimersByTime(1000);
    expect(location.hash).toBe('#view=words&layer=49');
    expect(replace).toHaveBeenCalledTimes(1);
    end();
    store.set({ layer: 2 });
    vi.advanceTimersByTime(1000);
    expect(location.hash).toBe('#view=words&layer=49');
  });

  it('follows the address', () => {
    const { store, end } = createAddressStore();
    history.replaceState(null, '', '#view=layers&head=5');
    dispatchEvent(new Event('hashchange'));
    expect(store.state).toMatchObject({ view: 'layers', head: 5 });
    store.undo();
    expect(store.state.view).toBe('words');
    end();
  });

  it('lives without an address', () => {
    vi.useFakeTimers();
    vi.spyOn(history, 'replaceState').mockImplementationOnce(() => {
      throw new DOMException('no', 'SecurityError');
    });
    const { store, end } = createAddressStore();
    store.set({ layer: 4 });
    expect(() => vi.advanceTimersByTime(1000)).not.toThrow();
    end();
  });
});
