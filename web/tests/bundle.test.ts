// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';
import { expect, test } from 'vitest';

const WEB = resolve(import.meta.dirname, '..');

test('dist/viewer.js is what the sources build (else: make web, and commit it)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'attnscope-bundle-'));
  await build({
    root: WEB,
    configFile: join(WEB, 'vite.config.ts'),
    mode: 'production',
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true },
  });
  const built = readFileSync(join(folder, 'viewer.js'), 'utf8');
  rmSync(folder, { recursive: true });
  expect(built === readFileSync(join(WEB, 'dist/viewer.js'), 'utf8')).toBe(true);
});
