// SPDX-License-Identifier: Apache-2.0
/** When the page has drawn and nothing else is to do, or soon after. */
export function idle(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => resolve(), { timeout: 1000 });
    else setTimeout(resolve, 100);
  });
}
