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
  // In a process of its own: what Vitest sets changes what Vite builds.
  const { VITEST: _vitest, NODE_ENV: _mode, ...env } = process.env;
  const vite = join(WEB, 'node_modules/vite/bin/vite.js');
  execFileSync(process.execPath, [vite, 'build', '--outDir', folder, '--emptyOutDir'], {
    cwd: WEB,
    env,
    stdio: 'pipe',
  });
  const built = readFileSync(join(folder, 'viewer.js'), 'utf8');
  rmSync(folder, { recursive: true });
  expect(built === readFileSync(join(WEB, 'dist/viewer.js'), 'utf8')).toBe(true);
});
