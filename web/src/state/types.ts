// SPDX-License-Identifier: Apache-2.0
import type { PaletteName, Transform } from '../render/renderer';

/** By what Model sorts its heads and layers. */
export type SortKey = 'index' | 'entropy' | 'special' | 'pattern';

export type ViewName = 'words' | 'head' | 'model' | 'query-key' | 'heads' | 'layers' | 'compare';

/** The layer and head of an address that names none. */
export const NOT_NAMED = -1;

/** What all views share; all of it is in the URL's hash. */
export interface ViewState {
  view: ViewName;
  document: string;
  /** Position of the layer and head in focus; NOT_NAMED until a document says which are worth looking at. */
  layer: number;
  head: number;
  /** What aggregating views average over; null: all. */
  layers: number[] | null;
  heads: number[] | null;
  /** Positions of selected tokens (unit token) or words (unit word). */
  selected: number[];
  /** [layer, head] kept for comparison, at most 4. */
  pinned: [number, number][];
  unit: 'token' | 'word';
  special: 'show' | 'hide' | 'renormalise';
  measure: string;
  transform: Transform;
  palette: PaletteName;
  range: 'unit' | 'maximum' | 'percentile';
  /** from: what the selected look at; to: who looks at the selected. */
  direction: 'from' | 'to';
  /** Heads that are switched off (live only). */
  ablated: [number, number][];
  /** Share of a row that links show. */
  mass: number;
  headForm: 'links' | 'matrix';
  /** What Compare shows: documents, layers or heads; sides without a name are filled in. */
  compare: { kind: 'document' | 'layer' | 'head'; left: string; right: string };
  /** Pairs of words of Compare that were set by hand: of the left, of the right. */
  pairs: [number, number][];
  /** Tokens of Query/Key; null: what is chosen elsewhere. */
  from: number | null;
  to: number | null;
  sortHeads: SortKey;
  sortLayers: SortKey;
  headTab: 'table' | 'map';
  /** The column that sorts the table of Heads, "-" before it: the largest first. Empty: none. */
  headSort: string;
  theme: 'auto' | 'light' | 'dark';
}
