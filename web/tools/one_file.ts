// SPDX-License-Identifier: Apache-2.0
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Standing for the style sheet in src/styles.ts until the bundle is written. */
const PLACE = /(["'`])__ATTNSCOPE_STYLES__\1/;
/** Of the program and of its styles, packed with gzip. */
const LIMITS_KB = { program: 92, styles: 8 };

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
      const sizes = { program: gzipKb(entry.code), styles: gzipKb(sheet) };
      entry.code = entry.code
        .replace(PLACE, () => sheet)
        .replaceAll('</script', '<\\/script')
        .replaceAll('<!--', '<\\!--');
      const others = Object.keys(bundle).filter((file) => file !== name);
      if (others.length > 0) this.error(`${name}: the build wrote other files: ${others.join(', ')}`);
      for (const part of ['program', 'styles'] as const) {
        const size = `${part} of ${name}: ${sizes[part].toFixed(1)} kB gzip, at most ${LIMITS_KB[part]} kB allowed`;
        if (sizes[part] > LIMITS_KB[part]) this.error(size);
        this.info(size);
      }
    },
  };
}

function gzipKb(text: string): number {
  return gzipSync(text).length / 1000;
}

const HYDRATION =
  'set_hydrating set_hydrate_node hydrate_next reset hydrate_template next skip_nodes read_hydration_instruction'.split(
    ' ',
  );

/** Parts of Svelte that are not used here; as they are they would stay in the bundle all the same. */
const UNUSED: Record<string, string> = {
  'client/dom/elements/custom-element.js': 'export const create_custom_element = undefined;',
  // Pages come without markup of the server; nothing is awaited in components, none is of an older Svelte.
  'client/dom/hydration.js': `
    export const hydrating = false;
    export const hydrate_node = null;
    export const ${HYDRATION.map((name) => `${name} = /*#__NO_SIDE_EFFECTS__*/ () => null`).join(', ')};`,
  'flags/index.js': `
    export const async_mode_flag = false;
    export const legacy_mode_flag = false;
    export const tracing_mode_flag = false;
    export function enable_async_mode_flag() {}
    export function disable_async_mode_flag() {}
    export function enable_legacy_mode_flag() {}
    export function enable_tracing_mode_flag() {}`,
};

export function withoutUnused(): Plugin {
  return {
    name: 'attnscope:without-unused',
    apply: 'build',
    load(id) {
      const [, name] = /\/svelte\/src\/internal\/(.*)$/.exec(id) ?? [];
      return name === undefined ? undefined : UNUSED[name];
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
