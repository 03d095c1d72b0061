// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps the focus in `root` when the element that has it goes away or is switched off: with the focus on the page's
 * body no key would work. It goes to what `entry` finds, or to `fallback` until that is there. The result ends it.
 */
export function keepFocus(root: HTMLElement, fallback: HTMLElement, entry: () => HTMLElement | null): () => void {
  let focused: HTMLElement | null = null;
  /** Whether the fallback has the focus until there is an entry. */
  let waits = false;

  const onfocusin = (event: FocusEvent) => {
    focused = event.target as HTMLElement;
    waits &&= focused === fallback;
  };
  // The event comes before an element is gone, too; a person who left the page or clicked beside all is not followed.
  const onfocusout = (event: FocusEvent) => {
    const left = event.target as HTMLElement;
    if (event.relatedTarget) return;
    queueMicrotask(() => {
      check();
      if (focused === left && !left.matches(':focus')) focused = null;
    });
  };
  const check = () => {
    if (focused && isGone(focused)) waits = true;
    else if (!waits) return;
    (entry() ?? fallback).focus({ preventScroll: true });
  };

  const watcher = new MutationObserver(check);
  watcher.observe(root, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  root.addEventListener('focusin', onfocusin);
  root.addEventListener('focusout', onfocusout);
  return () => {
    watcher.disconnect();
    root.removeEventListener('focusin', onfocusin);
    root.removeEventListener('focusout', onfocusout);
  };
}

function isGone(element: HTMLElement): boolean {
  return !element.isConnected || element.matches(':disabled');
}

/** Where the keys of a view begin: its first picture or list that is marked with data-entry. */
export function entryOf(view: HTMLElement): HTMLElement | null {
  const place = view.querySelector<HTMLElement>('[data-entry]');
  return place?.tabIndex === 0 ? place : (place?.querySelector<HTMLElement>('[tabindex="0"]') ?? null);
}
