// SPDX-License-Identifier: Apache-2.0
/** The style sheet of all components; the build puts it here. */
const STYLES = '__ATTNSCOPE_STYLES__';

/** Gives the components' style sheet to a shadow root, in a way that a strict Content-Security-Policy allows. */
export function adoptStyles(root: ShadowRoot): void {
  if (import.meta.env.DEV) {
    mirrorPageStyles(root);
    return;
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
}

/** The development server puts each component's styles into the page's head, and changes them there. */
function mirrorPageStyles(root: ShadowRoot): void {
  const holder = root.appendChild(document.createElement('div'));
  const copy = () =>
    holder.replaceChildren(...[...document.head.querySelectorAll('style')].map((s) => s.cloneNode(true)));
  copy();
  new MutationObserver(copy).observe(document.head, { childList: true, subtree: true, characterData: true });
}
