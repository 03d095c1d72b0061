// SPDX-License-Identifier: Apache-2.0

const KEY = 'attnscope.token';

/**
 * The key to the program behind the page: from `#token=...`, which is taken out of the address, or as kept for this
 * tab when it was there before. Empty if there is none.
 */
export function takeToken(): string {
  const hash = new URLSearchParams(location.hash.slice(1));
  const token = hash.get('token');
  if (token === null) return keep(() => sessionStorage.getItem(KEY)) ?? '';
  keep(() => sessionStorage.setItem(KEY, token));
  hash.delete('token');
  const rest = hash.toString();
  history.replaceState(history.state, '', rest ? `#${rest}` : location.pathname + location.search);
  return token;
}

/** Storage may be forbidden; then the key lives as long as the page. */
function keep<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
