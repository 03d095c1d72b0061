// SPDX-License-Identifier: Apache-2.0
import type { ViewName } from '../state/types';

/** In the order of the rail; the key of a view is its place, from 1. */
export const VIEWS: readonly { name: ViewName; title: string; about: string }[] = [
  { name: 'words', title: 'Words', about: 'What a word looks at, and who looks at it' },
  { name: 'head', title: 'Head', about: 'All weights of one head, as links or as a matrix' },
  { name: 'model', title: 'Model', about: 'All heads of all layers at once' },
  { name: 'query-key', title: 'Query/Key', about: 'How one weight comes about' },
  { name: 'heads', title: 'Heads', about: 'Numbers of all heads, to sort and to filter' },
  { name: 'layers', title: 'Layers', about: 'How attention changes from layer to layer' },
  { name: 'compare', title: 'Compare', about: 'Two texts, layers or heads, and their difference' },
];
