// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** The first colour, then for each level its difference from the colour before as a digit: 4 is none. */
function packed(hex: string): string {
  const levels = [...Buffer.from(hex, 'hex')];
  const digits = levels.slice(3).map((level, i) => level - levels[i]! + 4);
  if (digits.some((digit) => digit < 0 || digit > 9)) throw new Error('palettes.json: a step is too large for a digit');
  return hex.slice(0, 6) + digits.join('');
}

/** Takes palettes.json into the bundle as differences, which are a fifth of its size; its value stays the same. */
export function packPalettes(): Plugin {
  return {
    name: 'attnscope:palettes',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith('/palettes.json')) return undefined;
      const palettes = JSON.parse(readFileSync(id, 'utf8')) as Record<string, string>;
      const entries = Object.entries(palettes).map(([name, hex]) => `${name}: unpack('${packed(hex)}')`);
      return {
        code: `import { unpack } from './unpack';\nexport default { ${entries.join(', ')} };`,
        moduleType: 'js',
      };
    },
  };
}
