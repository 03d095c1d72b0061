// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

export const FIXTURE = join(import.meta.dirname, '../../tests/viewer/fixture');
const MODULE = join(import.meta.dirname, '../dist/viewer.js');

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** A page as the program exports it, with a policy that allows its own module and nothing else. */
export function exportedPage(data: 'full' | 'u8' | 'topk' = 'full', view = ''): string {
  const module = readFileSync(MODULE, 'utf8');
  const blocks: string[] = [];
  const block = (name: string, bytes: Buffer) => {
    const id = `attnscope-${name}`;
    const base64 = deflateSync(bytes).toString('base64');
    blocks.push(`<script type="application/octet-stream" id="${id}">${base64}</script>`);
    return id;
  };
  const folder = join(FIXTURE, data);
  const reportBytes = readFileSync(join(folder, 'report.json'));
  const report = block('0.report', reportBytes);
  const parts: Record<string, string> = {};
  for (const file of readdirSync(folder)) {
    const name = file.replace(/\.safetensors$/, '');
    if (name !== file) parts[name] = block(`0.${name}`, readFileSync(join(folder, file)));
  }
  const title = (JSON.parse(reportBytes.toString()) as { text: string }).text;
  const index = JSON.stringify({ documents: [{ title, report, parts }], view }).replaceAll('<', '\\u003c');
  const policy = `default-src 'none'; script-src ${hashOf(module)}; img-src data: blob:; connect-src 'none'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>attnscope</title>
</head>
<body>
<div id="attnscope">shown until then</div>
<script type="application/json" id="attnscope-index">${index}</script>
${blocks.join('\n')}
<script type="module">${module}</script>
</body>
</html>
`;
}
