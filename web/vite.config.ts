// SPDX-License-Identifier: Apache-2.0
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { forbidStaticStyles, oneFile, withoutUnused } from './tools/one_file.ts';
import { packPalettes } from './tools/palettes.ts';

/** One ES module with the style sheet inside, no source map: the same sources give the same bytes. */
export default defineConfig({
  plugins: [withoutUnused(), packPalettes(), svelte(), forbidStaticStyles(), oneFile('viewer.js')],
  build: {
    target: 'es2022',
    outDir: 'dist',
    sourcemap: false,
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: 'src/main.ts',
      preserveEntrySignatures: 'strict',
      output: { format: 'es', entryFileNames: 'viewer.js', codeSplitting: false },
    },
  },
  server: { open: false },
  resolve: process.env.VITEST ? { conditions: ['browser', 'module', 'development|production'] } : {},
  test: {
    // Those in tests/ drive a browser.
    environment: 'jsdom',
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
