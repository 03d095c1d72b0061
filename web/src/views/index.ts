// SPDX-License-Identifier: Apache-2.0
import type { Component } from 'svelte';
import type { ViewName } from '../state/types';
import type { App } from '../ui/app.svelte';
import Compare from './Compare.svelte';
import Head from './Head.svelte';
import Heads from './Heads.svelte';
import Layers from './Layers.svelte';
import Model from './Model.svelte';
import QueryKey from './QueryKey.svelte';
import Words from './Words.svelte';
import WordsInspector from './WordsInspector.svelte';

type ViewComponent = Component<{ app: App }>;

export const VIEW_COMPONENTS: Record<ViewName, ViewComponent> = {
  words: Words,
  head: Head,
  model: Model,
  'query-key': QueryKey,
  heads: Heads,
  layers: Layers,
  compare: Compare,
};

/** Views with an inspector of their own; the others share one for the chosen head and cell. */
export const INSPECTORS: Partial<Record<ViewName, ViewComponent>> = {
  words: WordsInspector,
};
