// SPDX-License-Identifier: Apache-2.0

/** The hex digits of a colour table that the build wrote as differences (tools/palettes.ts). */
export function unpack(text: string): string {
  const levels = [0, 2, 4].map((at) => Number.parseInt(text.slice(at, at + 2), 16));
  for (const digit of text.slice(6)) levels.push(levels.at(-3)! + Number(digit) - 4);
  return levels.map((level) => level.toString(16).padStart(2, '0')).join('');
}
