// SPDX-License-Identifier: Apache-2.0
import type { Report } from '../contract/report';
import { defaultHead } from './default_head';
import { NOT_NAMED, type ViewState } from './types';

export const DEFAULT_STATE: ViewState = {
  view: 'words',
  document: '',
  layer: NOT_NAMED,
  head: NOT_NAMED,
  layers: null,
  heads: null,
  selected: [],
  pinned: [],
  unit: 'word',
  special: 'show',
  measure: 'attention',
  transform: 'sqrt',
  palette: 'cividis',
  range: 'maximum',
  direction: 'from',
  ablated: [],
  mass: 0.7,
  headForm: 'links',
  compare: { kind: 'document', left: '', right: '' },
  pairs: [],
  from: null,
  to: null,
  sortHeads: 'index',
  sortLayers: 'index',
  headTab: 'table',
  headSort: '',
  theme: 'auto',
};

/** What was chosen for other words, or before another choice, goes with a change. */
export function withoutStale(patch: Partial<ViewState>): Partial<ViewState> {
  const isOther = 'document' in patch || 'unit' in patch || 'compare' in patch;
  return { ...(isOther && { pairs: [] }), ...('selected' in patch && { from: null, to: null }), ...patch };
}

/** What of the state a document has; the rest as it is from the start. The same object if all of it is there. */
export function fitState(state: ViewState, report: Report): ViewState {
  const layers = report.layers.length;
  const heads = report.heads.length;
  const places = (state.unit === 'word' ? report.words : report.tokens).text.length;
  const pairs = (list: [number, number][]) => kept(list, ([layer, head]) => layer < layers && head < heads);
  const token = (place: number | null) => (place !== null && place < report.tokens.text.length ? place : null);
  const named = state.layer !== NOT_NAMED || state.head !== NOT_NAMED;
  const [layer, head] = named ? [state.layer, state.head] : defaultHead(report);
  const fitted: ViewState = {
    ...state,
    layer: within(layer, layers),
    head: within(head, heads),
    layers: state.layers && orAll(kept(state.layers, (layer) => layer < layers)),
    heads: state.heads && orAll(kept(state.heads, (head) => head < heads)),
    selected: kept(state.selected, (place) => place < places),
    pinned: pairs(state.pinned),
    ablated: pairs(state.ablated),
    from: token(state.from),
    to: token(state.to),
  };
  const keys = Object.keys(fitted) as (keyof ViewState)[];
  return keys.every((key) => fitted[key] === state[key]) ? state : fitted;
}

const within = (position: number, count: number) => (position >= 0 && position < count ? position : 0);

/** The same list if nothing has to go. */
function kept<T>(list: T[], fits: (item: T) => boolean): T[] {
  return list.every(fits) ? list : list.filter(fits);
}

function orAll(list: number[]): number[] | null {
  return list.length > 0 ? list : null;
}
