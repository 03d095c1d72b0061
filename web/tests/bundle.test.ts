// SPDX-License-Identifier: Apache-2.0
// @vitest-environment node

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const WEB = resolve(import.meta.dirname, '..');

test('dist/viewer.js is what the sources build (else: make web, and commit it)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'attnscope-bundle-'));
  // In a process of its own: in that of the tests Vite would build for tests.
  execFileSync(process.execPath, [join(WEB, 'node_modules/vite/bin/vite.js'), 'build', '--outDir', folder], {
    cwd: WEB,
    env: { ...process.env, NODE_ENV: 'production', VITEST: '' },
    stdio: 'pipe',
  });
  const built = readFileSync(join(folder, 'viewer.js'), 'utf8');
  rmSync(folder, { recursive: true });
  expect(built === readFileSync(join(WEB, 'dist/viewer.js'), 'utf8')).toBe(true);
});
