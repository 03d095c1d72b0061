// SPDX-License-Identifier: Apache-2.0
import { mount as mountComponent, unmount } from 'svelte';
import App from './App.svelte';
import type { Source } from './data/source';
import { adoptStyles } from './styles';

export interface MountOptions {
  /** Whether the state is mirrored in the address; one instance of a page may do that. Default: true. */
  url?: boolean;
  /** A hash to begin with where the address has none. */
  view?: string;
}

/** Shows the documents of `source` inside `element`; the result takes everything away again. */
export function mount(element: HTMLElement, source: Source, options: MountOptions = {}): () => void {
  const host = element.appendChild(document.createElement('div'));
  const root = host.attachShadow({ mode: 'open' });
  adoptStyles(root);
  const app = mountComponent(App, {
    target: root,
    props: { source, host, url: options.url ?? true, view: options.view ?? '' },
  });
  return () => {
    void unmount(app);
    host.remove();
  };
}
