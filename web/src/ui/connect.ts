// SPDX-License-Identifier: Apache-2.0
import { shapeWeights } from '../data/shape';
import type { Source } from '../data/source';
import type { Weights } from '../data/weights';
import { DocumentWeights } from '../data/weights_of';
import { createRenderer } from '../render/create';
import { lookOf } from '../render/look';
import { createAddressStore, createStore } from '../state/store';
import type { ViewState } from '../state/types';
import type { AppParts } from './app.svelte';

/** The parts of an app for a source; `end` gives them back. `url`: whether the address mirrors the state. */
export function connect(source: Source, url: boolean, view: string): { parts: AppParts; end: () => void } {
  const address = url ? createAddressStore(view) : { store: createStore(view), end: () => {} };
  const renderer = createRenderer();
  const parts: AppParts = {
    source,
    renderer,
    store: address.store,
    weights: (document, report) => new DocumentWeights(source, document, report),
    shape: remembering(shapeWeights),
    look: lookOf,
  };
  return {
    parts,
    end: () => {
      address.end();
      renderer.dispose();
    },
  };
}

type Shape = typeof shapeWeights;

/** The same weights in the same shape are the same object, so that what depends on them is not computed anew. */
function remembering(shape: Shape): Shape {
  const known = new WeakMap<Weights, Map<string, Weights>>();
  return (weights, report, state: Pick<ViewState, 'unit' | 'special'>) => {
    const shapes = known.get(weights) ?? new Map<string, Weights>();
    known.set(weights, shapes);
    const key = `${state.unit} ${state.special}`;
    const found = shapes.get(key) ?? shape(weights, report, state);
    shapes.set(key, found);
    return found;
  };
}
