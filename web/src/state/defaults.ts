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
  theme: 'auto',
};

/** What of the state a document has; the rest as it is from the start. The same object if all of it is there. */
export function fitState(state: ViewState, report: Report): ViewState {
  const layers = report.layers.length;
  const heads = report.heads.length;
  const places = (state.unit === 'word' ? report.words : report.tokens).text.length;
  const pairs = (list: [number, number][]) => kept(list, ([layer, head]) => layer < layers && head < heads);
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
