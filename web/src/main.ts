// SPDX-License-Identifier: Apache-2.0
/**
 * The entry of the page's one file. It gives `mount` and what anywidget wants; in a page with an element "attnscope" it
 * mounts itself there, with the documents of the page or else of the server that the page came from.
 */
import { fileSource, INDEX_ID } from './data/file_source';
import { notebookSource, type WidgetModel } from './data/notebook_source';
import { serverSource } from './data/server_source';
import { MessageError } from './data/source';
import { takeToken } from './data/token';
import { mount } from './mount';

export { mount };

/** Shows the documents of a notebook's widget, again whenever they change. */
function render({ model, el }: { model: WidgetModel; el: HTMLElement }): () => void {
  let end = () => {};
  const show = () => {
    end();
    end = guarded(el, () => {
      const { source, index } = notebookSource(model);
      return mount(el, source, { url: false, view: index.view });
    });
  };
  show();
  model.on('change:index', show);
  return () => {
    model.off('change:index', show);
    end();
  };
}

export default { render };

/** What the element showed until then goes away. */
async function mountInPage(element: HTMLElement): Promise<void> {
  element.replaceChildren();
  if (document.getElementById(INDEX_ID)) {
    guarded(element, () => {
      const { source, index } = fileSource();
      return mount(element, source, { view: index.view });
    });
    return;
  }
  try {
    const { source } = await serverSource(takeToken());
    mount(element, source);
  } catch (error) {
    showError(element, error);
  }
}

function guarded(element: HTMLElement, show: () => () => void): () => void {
  try {
    return show();
  } catch (error) {
    return showError(element, error);
  }
}

/** What is shown when there is nothing to mount: plain text in an alert. */
function showError(element: HTMLElement, error: unknown): () => void {
  const alert = element.appendChild(document.createElement('p'));
  alert.setAttribute('role', 'alert');
  const hint = error instanceof MessageError ? error.hint : '';
  alert.textContent = [error instanceof Error ? error.message : String(error), hint].filter(Boolean).join(' ');
  return () => alert.remove();
}

const place = document.getElementById('attnscope');
if (place) void mountInPage(place);
