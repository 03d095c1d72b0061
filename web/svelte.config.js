// SPDX-License-Identifier: Apache-2.0

/** Class names come from the styles alone, so that the bundle does not depend on where it is built. */
export default {
  compilerOptions: { css: 'external', cssHash: ({ hash, css }) => `a${hash(css).slice(-4)}` },
};
