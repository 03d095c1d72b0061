// SPDX-License-Identifier: Apache-2.0
/** Any text as one word of a shell, or as a string literal. What cannot be seen is written as an escape. */

// Control characters, and marks that turn the direction of what stands around them.
const INVISIBLE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** For sh, bash and zsh; texts with invisible characters need bash or zsh. */
export function shellQuoted(text: string): string {
  const whole = wellFormed(text);
  if (/^[\w@%+:,./-]+$/.test(whole)) return whole;
  if (whole.search(INVISIBLE) < 0) return `'${whole.replaceAll("'", "'\\''")}'`;
  return `$'${escaped(whole.replaceAll('\\', '\\\\').replaceAll("'", "\\'"), octal)}'`;
}

export function pythonQuoted(text: string): string {
  const plain = wellFormed(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return `"${escaped(plain, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** For C++, whose sources and strings are UTF-8. */
export function cppQuoted(text: string): string {
  const plain = wellFormed(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('??', '?\\?');
  return `"${escaped(plain, octal)}"`;
}

function escaped(text: string, code: (character: string) => string): string {
  const short: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return text.replace(INVISIBLE, (character) => short[character] ?? code(character));
}

/** Three digits a byte: what follows can never become part of it. */
function octal(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** No shell passes a zero byte on and no UTF-8 holds half a surrogate pair; models drop U+FFFD. */
function wellFormed(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(/\p{Cs}/gu, '\ufffd');
}
