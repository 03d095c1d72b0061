// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Standing for the style sheet in src/styles.ts until the bundle is written. */
const PLACE = /(["'`])__ATTNSCOPE_STYLES__\1/;
const GZIP_LIMIT_KB = 100;

/**
 * Puts the collected CSS into the one JavaScript file as a string: a page whose Content-Security-Policy has no
 * 'unsafe-inline' takes it as a constructed style sheet. What would end an inline script is escaped.
 */
export function oneFile(name: string): Plugin {
  return {
    name: 'attnscope:one-file',
    enforce: 'post',
    apply: 'build',
    generateBundle(_, bundle) {
      let css = '';
      for (const [file, output] of Object.entries(bundle)) {
        if (file.endsWith('.css') && output.type === 'asset') {
          css += typeof output.source === 'string' ? output.source : new TextDecoder().decode(output.source);
          delete bundle[file];
        }
      }
      const entry = bundle[name];
      if (entry?.type !== 'chunk') this.error(`${name}: the build has no such entry`);
      if (!PLACE.test(entry.code)) this.error(`${name}: nothing stands for the style sheet; see src/styles.ts`);
      const sheet = JSON.stringify(css.replaceAll(/\/\*.*?\*\//gs, '').trim());
      entry.code = entry.code
        .replace(PLACE, () => sheet)
        .replaceAll('</script', '<\\/script')
        .replaceAll('<!--', '<\\!--');
      const others = Object.keys(bundle).filter((file) => file !== name);
      if (others.length > 0) this.error(`${name}: the build wrote other files: ${others.join(', ')}`);
      const gzip = gzipSync(entry.code).length / 1000;
      this.info(`${name}: ${(entry.code.length / 1000).toFixed(1)} kB, ${gzip.toFixed(1)} kB gzip`);
      if (gzip > GZIP_LIMIT_KB) this.error(`${name}: ${gzip.toFixed(1)} kB gzip, at most ${GZIP_LIMIT_KB} kB allowed`);
    },
  };
}

/** Refuses style="..." in templates: the page's Content-Security-Policy would drop it. style:name={value} is fine. */
export function forbidStaticStyles(): Plugin {
  return {
    name: 'attnscope:no-static-styles',
    enforce: 'post',
    transform(code, id) {
      if (!id.endsWith('.svelte')) return;
      const found = staticStyle(code);
      if (found) this.error(`${id}: static style attribute in ${found}; use a class or style:name={value}`);
    },
  };
}

/** The first tag with a style attribute in a compiled component's markup. */
export function staticStyle(code: string): string | undefined {
  return /<[a-z][^<>`]*\sstyle=[^<>`]*>/.exec(code)?.[0];
}
